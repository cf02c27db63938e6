"""A homelab of N guests: as the users' files declare it, and as Proxmox holds it. Every fifth guest is a VM."""

import json
import os

FIRST = 1000
HYPERVISOR = '10.1.0.13'
NETWORK = '10.1.0.0/16'
RULES = [
    {'proto': 'tcp', 'source': HYPERVISOR, 'port': '22', 'comment': 'SSH from the hypervisor, where phoenixd runs'},
    {'proto': 'tcp', 'source': NETWORK, 'port': '80,443', 'comment': 'The service'},
    {'proto': 'udp', 'source': NETWORK, 'port': '8000:8010', 'comment': 'Media'},
    {'proto': 'icmp', 'source': NETWORK, 'comment': 'Ping'},
]


def address(index):
    return f'10.1.{1 + index // 200}.{10 + index % 200}'


def mac(index):
    return f'BC:24:11:01:{index // 256:02X}:{index % 256:02X}'


def is_vm(index):
    return index % 5 == 4


# --- as Proxmox holds it


def live_guests(count):
    return {'guests': [live_guest(index) for index in range(count)]}


def live_guest(index):
    guest = {'vmid': FIRST + index, 'name': f'guest-{index:03}', 'status': 'running'}
    if is_vm(index):
        return guest | {'type': 'qemu', 'config': {
            'name': guest['name'], 'tags': 'phoenix', 'cores': 2, 'memory': 2048, 'ostype': 'l26', 'onboot': 1, 'boot': 'order=scsi0',
            'scsi0': f'rpool-vm:vm-{guest["vmid"]}-disk-0,size=32G', 'ciuser': 'phoenix', 'ipconfig0': f'ip={address(index)}/16,gw=10.1.0.1',
            'net0': f'virtio={mac(index)},bridge=vmbr0,firewall=1'}}
    return guest | {'type': 'lxc', 'config': {
        'hostname': guest['name'], 'tags': 'phoenix', 'cores': 1, 'memory': 512, 'swap': 512, 'ostype': 'debian', 'arch': 'amd64',
        'unprivileged': 1, 'features': 'nesting=1', 'rootfs': f'rpool-lxc:subvol-{guest["vmid"]}-disk-0,size=8G',
        'net0': f'name=eth0,bridge=vmbr0,firewall=1,gw=10.1.0.1,hwaddr={mac(index)},ip={address(index)}/16,type=veth'}}


def live_firewall(count):
    options = {'enable': 1, 'policy_in': 'DROP', 'policy_out': 'ACCEPT'}
    rules = [{'type': 'in', 'action': 'ACCEPT'} | {'dport' if key == 'port' else key: value for key, value in rule.items()}
             for rule in RULES]
    guest = {'options': options, 'rules': rules}
    return {'cluster': {'options': options}} | {str(FIRST + index): guest for index in range(count)}


# --- as the users' files declare it


def write_files(directory, count, endpoint, ca_file, connections, with_firewalls):
    """The five files that are read for it, in a new directory."""
    os.makedirs(directory)
    firewall = {'firewall': {'enabled': True, 'rules': [{'type': 'in', 'action': 'ACCEPT'} | r for r in RULES]}} if with_firewalls else {}
    containers, machines = {}, []
    for index in range(count):
        network = {'ip': f'{address(index)}/16', 'gw': '10.1.0.1'}
        if is_vm(index):
            machines.append({'vmid': FIRST + index, 'name': f'guest-{index:03}', 'clone_from_vmid': 9000, 'network_config': network,
                             'user_config': {'username': 'phoenix'}} | firewall)
        else:
            containers[str(FIRST + index)] = {
                'name': f'guest-{index:03}', 'cores': 1, 'memory_mb': 512, 'swap_mb': 512, 'storage_pool': 'rpool-lxc',
                'storage_size_gb': 8, 'clone_from_ctid': '900', 'mac_address': mac(index),
                'network_config': network | {'name': 'eth0', 'bridge': 'vmbr0'}} | firewall
    containers['900'] = {'name': 'Template-Base', 'is_template': True, 'cores': 1, 'memory_mb': 512, 'storage_pool': 'rpool-lxc',
                         'storage_size_gb': 8, 'template': 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst',
                         'network_config': {'name': 'eth0', 'bridge': 'vmbr0', 'ip': 'dhcp'}}
    template = {'vmid': 9000, 'name': 'cloud-template', 'is_template': True, 'template_image': 'noble-server-cloudimg-amd64.img',
                'network_config': {'ip': 'dhcp'}}
    files = {
        'phoenix_lxc_configs.json': {'lxc_configs': containers},
        'phoenix_vm_configs.json': {
            'vm_defaults': {'cores': 2, 'memory_mb': 2048, 'disk_size_gb': 32, 'storage_pool': 'rpool-vm', 'network_bridge': 'vmbr0'},
            'vms': [template] + machines},
        'phoenix_hypervisor_config.json': {
            'domain_name': 'internal.example',
            'network': {'interfaces': {'name': 'vmbr0', 'address': f'{HYPERVISOR}/16', 'gateway': '10.1.0.1'},
                        'default_subnet': NETWORK}},
        'phoenix_stacks_config.json': {'docker_stacks': {}},
        'certificate-manifest.json': [],
        'phoenixd.json': {
            'proxmox': {'endpoints': [endpoint], 'node': 'pve1', 'ca_file': ca_file, 'token_credential': 'proxmox-token'},
            'concurrency': {'requests_per_endpoint': connections}},
    }
    for name, content in files.items():
        with open(f'{directory}/{name}', 'w') as f:
            json.dump(content, f, indent=1)
