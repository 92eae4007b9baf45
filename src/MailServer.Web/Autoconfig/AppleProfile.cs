using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using MailServer.Domain.Addresses;

namespace MailServer.Web.Autoconfig;

/// <summary>Writes a configuration profile for iOS and macOS with mail, calendars and contacts. The device prompts for the password during installation.</summary>
internal static class AppleProfile
{
    public static byte[] Write(ClientSettings settings, EmailAddress address)
    {
        var payloads = new List<XElement> { Mail(settings, address) };
        if (settings.HttpsPort != 0)
        {
            payloads.Add(Dav(settings, address, "com.apple.caldav.account", "CalDAV", "Calendars"));
            payloads.Add(Dav(settings, address, "com.apple.carddav.account", "CardDAV", "Contacts"));
        }

        var profile = Dictionary([
            .. Head("Configuration", address, "profile", $"Mail of {address}"),
            ("PayloadDescription", Text("Sets up mail, calendars and contacts.")),
            ("PayloadOrganization", Text(settings.Hostname)),
            ("PayloadContent", new XElement("array", payloads)),
        ]);
        var plist = new XElement("plist", new XAttribute("version", "1.0"), profile);
        return Encoding.UTF8.GetBytes(
            $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
            {plist}

            """);
    }

    private static XElement Mail(ClientSettings settings, EmailAddress address) => Dictionary([
        .. Head("com.apple.mail.managed", address, "mail", "Mail"),
        ("EmailAccountDescription", Text(address.ToString())),
        ("EmailAccountType", Text("EmailTypeIMAP")),
        ("EmailAddress", Text(address.ToString())),
        .. Server("Incoming", settings.Hostname, settings.ImapsPort != 0 ? settings.ImapsPort : settings.ImapPort, address),
        .. Server("Outgoing", settings.Hostname, settings.SubmissionsPort != 0 ? settings.SubmissionsPort : settings.SubmissionPort, address),
        ("OutgoingPasswordSameAsIncomingPassword", True()),
    ]);

    private static (string, XElement)[] Server(string way, string host, int port, EmailAddress address) =>
    [
        ($"{way}MailServerHostName", Text(host)),
        ($"{way}MailServerPortNumber", Number(port)),
        ($"{way}MailServerUseSSL", True()),
        ($"{way}MailServerUsername", Text(address.ToString())),
        ($"{way}MailServerAuthentication", Text("EmailAuthPassword")),
    ];

    private static XElement Dav(ClientSettings settings, EmailAddress address, string type, string prefix, string what) => Dictionary([
        .. Head(type, address, prefix, what),
        ($"{prefix}AccountDescription", Text($"{what} of {address}")),
        ($"{prefix}HostName", Text(settings.Hostname)),
        ($"{prefix}Port", Number(settings.HttpsPort)),
        ($"{prefix}UseSSL", True()),
        ($"{prefix}Username", Text(address.ToString())),
    ]);

    private static (string, XElement)[] Head(string type, EmailAddress address, string part, string name) =>
    [
        ("PayloadType", Text(type)),
        ("PayloadVersion", Number(1)),
        ("PayloadIdentifier", Text($"mailserver.{address.Domain}.{part}")),
        ("PayloadUUID", Text(IdOf($"{part} {address}"))),
        ("PayloadDisplayName", Text(name)),
    ];

    /// <summary>A deterministic UUID, so that a profile for the same address replaces the installed one.</summary>
    private static string IdOf(string text) => new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16)).ToString().ToUpperInvariant();

    private static XElement Dictionary(IEnumerable<(string Key, XElement Value)> entries) =>
        new("dict", entries.SelectMany(static e => new[] { new XElement("key", e.Key), e.Value }));

    private static XElement Text(string value) => new("string", value);

    private static XElement Number(int value) => new("integer", value);

    private static XElement True() => new("true");
}
