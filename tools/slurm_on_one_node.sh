#!/bin/bash
# Starts a real Slurm on this one machine, for `pytest -m slow tests/corpus/test_executors.py`. Debian, as root:
#   apt-get install -y --no-install-recommends slurm-wlm munge && tools/slurm_on_one_node.sh
# A second call starts what has stopped. Stop: pkill slurmctld slurmd munged.
set -euo pipefail

node=$(hostname -s)
memory=$(($(awk '/MemTotal/ {print $2}' /proc/meminfo) / 1024 - 512))
mkdir -p /run/munge /var/lib/slurm/ctld /var/lib/slurm/d /var/log/slurm
[ -s /etc/munge/munge.key ] || dd if=/dev/urandom of=/etc/munge/munge.key bs=1024 count=1 status=none
chown -R munge:munge /etc/munge /run/munge /var/lib/munge /var/log/munge
chmod 400 /etc/munge/munge.key
cat > /etc/slurm/slurm.conf <<CONF
ClusterName=one
SlurmctldHost=$node(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
StateSaveLocation=/var/lib/slurm/ctld
SlurmdSpoolDir=/var/lib/slurm/d
SlurmctldLogFile=/var/log/slurm/slurmctld.log
SlurmdLogFile=/var/log/slurm/slurmd.log
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
MpiDefault=none
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=$memory State=UNKNOWN
PartitionName=one Nodes=$node Default=YES MaxTime=INFINITE State=UP
CONF
pgrep -x munged > /dev/null || runuser -u munge -- munged
pgrep -x slurmctld > /dev/null || slurmctld
pgrep -x slurmd > /dev/null || slurmd
for _ in $(seq 20); do
  sinfo -h -o %t 2> /dev/null | grep -qx idle && exec sinfo
  scontrol update nodename="$node" state=resume 2> /dev/null || true
  sleep 1
done
echo "Slurm did not come up: see /var/log/slurm" >&2
exit 1
