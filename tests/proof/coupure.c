/* What a disk keeps: loaded before a program (LD_PRELOAD), it copies what each fsync makes durable.

   Only files under COUPURE_VIVANT count. COUPURE_DURABLE holds what a power cut would leave at worst:
   contenu/<file>, the bytes at its last fsync, by the identity of the file; noms/<folder>/<name>, the identity
   behind each name. A name appears with the fsync of its file (as ext4 does) or of its folder; it moves or goes with
   the fsync of its folder only. Anything else, the cut forgets: `coupure.py` puts the two together.
   Processes take turns (one lock). What is written by another thread during the copy may be kept too early. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOC 65536
#define CHEMIN (PATH_MAX * 2)

static void arreter(const char *quoi) {
    perror(quoi);
    _exit(97); /* a proof that cannot see must not go on */
}

static const char *vivant(void) { return getenv("COUPURE_VIVANT"); }
static const char *durable(void) { return getenv("COUPURE_DURABLE"); }

static int verrouiller(void) {
    char chemin[CHEMIN];
    snprintf(chemin, sizeof chemin, "%s/verrou", durable());
    int verrou = open(chemin, O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    if (verrou < 0 || flock(verrou, LOCK_EX)) arreter("coupure: verrou");
    return verrou;
}

/* Inode numbers are given again: the hour of birth tells two files apart. */
static int identite(int fichier, const char *nom, char *texte, size_t taille) {
    struct statx dit;
    if (statx(fichier, nom, nom[0] ? 0 : AT_EMPTY_PATH, STATX_INO | STATX_BTIME | STATX_TYPE, &dit)) return -1;
    if (!(dit.stx_mask & STATX_BTIME)) arreter("coupure: no birth time here");
    if (!S_ISREG(dit.stx_mode)) return 1;
    snprintf(texte, taille, "%llu-%lld-%u", (unsigned long long)dit.stx_ino, (long long)dit.stx_btime.tv_sec,
             dit.stx_btime.tv_nsec);
    return 0;
}

/* The path of an open file below COUPURE_VIVANT, or NULL. "" is the folder itself. */
static const char *dedans(int fichier, char *chemin) {
    char lien[64];
    snprintf(lien, sizeof lien, "/proc/self/fd/%d", fichier);
    ssize_t lus = readlink(lien, chemin, PATH_MAX - 1);
    if (lus < 0) return NULL;
    chemin[lus] = 0;
    size_t longueur = strlen(vivant());
    if (strncmp(chemin, vivant(), longueur) || (chemin[longueur] && chemin[longueur] != '/')) return NULL;
    return chemin[longueur] ? chemin + longueur + 1 : chemin + longueur;
}

/* « a/b » is written « a!b »: folders are one level, names another. */
static void dossier_des_noms(const char *dossier, char *ou) {
    size_t debut = (size_t)snprintf(ou, CHEMIN, "%s/noms/", durable());
    snprintf(ou + debut, CHEMIN - debut, "racine%s%s", dossier[0] ? "!" : "", dossier);
    for (char *c = ou + debut; *c; c++)
        if (*c == '/') *c = '!';
    if (mkdir(ou, 0777) && errno != EEXIST) arreter("coupure: noms");
}

static void nommer(const char *dossier, const char *nom, const char *qui) {
    char ou[CHEMIN], fiche[CHEMIN + NAME_MAX], neuve[CHEMIN];
    dossier_des_noms(dossier, ou);
    snprintf(fiche, sizeof fiche, "%s/%s", ou, nom);
    snprintf(neuve, sizeof neuve, "%s/nom", durable());
    /* Whole or not at all: the program may be killed here. The lock is ours. */
    int sortie = open(neuve, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0666);
    if (sortie < 0 || write(sortie, qui, strlen(qui)) < 0) arreter("coupure: nom");
    close(sortie);
    if (rename(neuve, fiche)) arreter("coupure: nom");
}

static void garder_le_dossier(int fichier, const char *dossier) {
    char ou[CHEMIN], qui[80], perdu[CHEMIN + NAME_MAX];
    dossier_des_noms(dossier, ou);
    struct dirent *entree;
    DIR *noms = opendir(ou);
    while (noms && (entree = readdir(noms)))
        if (entree->d_name[0] != '.' && faccessat(fichier, entree->d_name, F_OK, AT_SYMLINK_NOFOLLOW)) {
            snprintf(perdu, sizeof perdu, "%s/%s", ou, entree->d_name);
            unlink(perdu);
        }
    if (noms) closedir(noms);
    DIR *vivants = fdopendir(openat(fichier, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    while (vivants && (entree = readdir(vivants)))
        if (!identite(fichier, entree->d_name, qui, sizeof qui)) nommer(dossier, entree->d_name, qui);
    if (vivants) closedir(vivants);
}

static void garder_le_contenu(int fichier, const char *qui) {
    static __thread char ici[BLOC], la[BLOC];
    char ou[CHEMIN], moi[64];
    struct stat dit;
    snprintf(ou, sizeof ou, "%s/contenu/%s", durable(), qui);
    snprintf(moi, sizeof moi, "/proc/self/fd/%d", fichier); /* it may be open for writing only */
    int lu = open(moi, O_RDONLY | O_CLOEXEC), copie = open(ou, O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    if (lu < 0 || copie < 0 || fstat(lu, &dit)) arreter("coupure: contenu");
    for (off_t place = 0;; ) {
        ssize_t n = pread(lu, ici, BLOC, place);
        if (n < 0) arreter("coupure: lecture");
        if (n == 0) break;
        ssize_t m = pread(copie, la, (size_t)n, place);
        if ((m != n || memcmp(ici, la, (size_t)n)) && pwrite(copie, ici, (size_t)n, place) != n)
            arreter("coupure: copie");
        place += n;
    }
    if (ftruncate(copie, dit.st_size)) arreter("coupure: taille");
    close(copie);
    close(lu);
}

static void garder(int fichier) {
    char chemin[PATH_MAX], qui[80];
    int avant = errno;
    const char *nom = vivant() && durable() ? dedans(fichier, chemin) : NULL;
    if (!nom) return;
    int genre = identite(fichier, "", qui, sizeof qui);
    if (genre < 0) return;
    int verrou = verrouiller();
    if (genre == 1) {
        garder_le_dossier(fichier, nom);
    } else {
        garder_le_contenu(fichier, qui);
        struct stat dit;
        if (!fstat(fichier, &dit) && dit.st_nlink > 0) {
            char *coupe = strrchr((char *)nom, '/');
            if (coupe) *coupe = 0;
            nommer(coupe ? nom : "", coupe ? coupe + 1 : nom, qui);
        }
    }
    close(verrou);
    errno = avant;
}

/* The real one is not called: a kill does not empty the cache of the machine, and the proof goes faster. */
int fsync(int fichier) {
    if (fcntl(fichier, F_GETFD) < 0) return -1;
    garder(fichier);
    return 0;
}

int fdatasync(int fichier) { return fsync(fichier); }
