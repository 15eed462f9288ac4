const words = (text: string): string[] => text.trim().split(/\s+/);

/** Calls of ordinary programs, grouped by what they are about; names as in the kernel's syscall tables. */
export const allowedSyscalls: readonly string[] = words(`
  access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2
  fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync
  fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstat64 fstatat64 newfstatat fstatfs fstatfs64 fsync
  ftruncate ftruncate64 futimesat getcwd getdents getdents64 getxattr inotify_add_watch inotify_init inotify_init1
  inotify_rm_watch fanotify_mark io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup
  io_submit ioctl lchown lchown32 lgetxattr link linkat listxattr llistxattr _llseek lremovexattr lseek lsetxattr
  lstat lstat64 mkdir mkdirat mknod mknodat name_to_handle_at open openat openat2 pread64 preadv preadv2 pwrite64
  pwritev pwritev2 read readahead readlink readlinkat readv removexattr rename renameat renameat2 rmdir sendfile
  sendfile64 setxattr splice stat stat64 statfs statfs64 statx symlink symlinkat sync sync_file_range
  sync_file_range2 syncfs tee truncate truncate64 umask unlink unlinkat utime utimensat utimensat_time64 utimes
  vmsplice write writev cachestat statmount listmount getxattrat setxattrat listxattrat removexattrat

  brk madvise memfd_create memfd_secret mincore mlock mlock2 mlockall mmap mmap2 mprotect mremap msync munlock
  munlockall munmap membarrier pkey_alloc pkey_free pkey_mprotect process_mrelease remap_file_pages
  map_shadow_stack mseal

  arch_prctl capget capset execve execveat exit exit_group fork getcpu getegid getegid32 geteuid geteuid32 getgid
  getgid32 getgroups getgroups32 getpgid getpgrp getpid getppid getpriority getresgid getresgid32 getresuid
  getresuid32 getrlimit get_robust_list getrusage getsid get_thread_area gettid getuid getuid32 ioprio_get
  ioprio_set kill landlock_add_rule landlock_create_ruleset landlock_restrict_self modify_ldt pause
  pidfd_open pidfd_send_signal prctl prlimit64 ptrace process_madvise process_vm_readv
  process_vm_writev restart_syscall rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn
  rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_getaffinity sched_getattr
  sched_getparam sched_get_priority_max sched_get_priority_min sched_getscheduler sched_rr_get_interval
  sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield
  seccomp setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setpgid setpriority
  setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit set_robust_list
  setsid set_thread_area set_tid_address setuid setuid32 sigaltstack signalfd signalfd4 sigprocmask sigreturn
  sysinfo tgkill time times tkill ugetrlimit uname vfork wait4 waitid waitpid

  alarm clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64
  adjtimex clock_adjtime clock_adjtime64 getitimer gettimeofday nanosleep setitimer timer_create timer_delete
  timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime
  timerfd_gettime64 timerfd_settime timerfd_settime64

  epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd
  eventfd2 futex futex_time64 futex_waitv futex_wait futex_wake futex_requeue poll ppoll ppoll_time64 pselect6
  pselect6_time64 select _newselect

  ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64
  mq_unlink msgctl msgget msgrcv msgsnd pipe pipe2 semctl semget semop semtimedop semtimedop_time64 shmat shmctl
  shmdt shmget

  accept accept4 bind connect getpeername getrandom getsockname getsockopt listen recv recvfrom recvmmsg
  recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socketcall socketpair

  arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls
`);

/** Calls that reach beyond the container and that the kernel itself guards with a capability. */
export const syscallsByCapability: Readonly<Record<string, readonly string[]>> = {
  CAP_DAC_READ_SEARCH: ["open_by_handle_at"],
  CAP_SYS_ADMIN: words(`
    bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr move_mount
    open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare`),
  CAP_SYS_BOOT: ["reboot", "kexec_load", "kexec_file_load"],
  CAP_SYS_CHROOT: ["chroot", "pivot_root"],
  CAP_SYS_MODULE: ["delete_module", "init_module", "finit_module"],
  CAP_SYS_PACCT: ["acct"],
  CAP_SYS_PTRACE: ["kcmp", "pidfd_getfd"],
  CAP_SYS_RAWIO: ["iopl", "ioperm"],
  CAP_SYS_TIME: ["settimeofday", "stime", "clock_settime", "clock_settime64"],
  CAP_SYS_TTY_CONFIG: ["vhangup"],
  CAP_SYS_NICE: ["get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"],
  CAP_SYSLOG: ["syslog"],
  CAP_BPF: ["bpf"],
  CAP_PERFMON: ["perf_event_open"],
};
