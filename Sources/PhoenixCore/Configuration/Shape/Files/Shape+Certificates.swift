extension Shape {
  /// certificate-manifest.json
  static let certificates = Shape.array(certificate)

  private static let certificate = Shape.object([
    ShapeKey(
      "common_name", .text(.certificateName), "First name of the certificate, and the name of the entry.",
      isRequired: true),
    ShapeKey(
      "sans", .array(.text(.certificateName)), "All names: host names, *.domain, addresses, localhost."),
    ShapeKey("guest_id", .guestID, "The guest that gets it; without it the paths are the host's."),
    ShapeKey("guest_type", .choice(["lxc", "vm"]), "Kind of the guest."),
    ShapeKey("cert_type", .choice(["server", "client"]), "What it is used for; default server."),
    ShapeKey("cert_path", .text(.absolutePath), "File of the certificate.", isRequired: true),
    ShapeKey("key_path", .text(.absolutePath), "File of the key.", isRequired: true),
    ShapeKey("include_ca", .bool, "Whether the root certificate is put beside it."),
    ShapeKey("owner", .text(.owner), "Owner of the files; default root:root."),
    ShapeKey("permissions", .text(.mode), "Permissions of the key; default 640."),
    ShapeKey("post_renewal_command", .lines, "What is run after a renewal; deploy is better."),
    ShapeKey("deploy", .array(deployment), "Where it goes, and who uses it."),
    ShapeKey("lifetime", .text(.duration), "How long it is valid; default what the CA gives."),
    ShapeKey("allow_outside_domain", .bool, "Whether its names may lie outside the domain; default false."),
  ])

  private static let deployment = Shape.object([
    ShapeKey("guest_id", .guestID, "The guest that gets it.", isRequired: true),
    ShapeKey("cert_path", .text(.absolutePath), "File of the certificate in the guest.", isRequired: true),
    ShapeKey("key_path", .text(.absolutePath), "File of the key in the guest.", isRequired: true),
    ShapeKey("ca_path", .text(.absolutePath), "File of the root certificate in the guest."),
    ShapeKey("owner", .text(.owner), "Owner of the files; default that of the entry."),
    ShapeKey("mode", .text(.mode), "Permissions of the key; default that of the entry."),
    ShapeKey("consumer", .text(.consumer), "Who uses it: nginx, traefik, docker-api, portainer, unit NAME."),
    ShapeKey("probe", .text(.endpoint), "host:port where the new certificate must be served."),
  ])
}
