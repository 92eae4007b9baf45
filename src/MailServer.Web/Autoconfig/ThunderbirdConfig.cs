using System.Globalization;
using System.Xml.Linq;

namespace MailServer.Web.Autoconfig;

/// <summary>Writes Mozilla's autoconfig format 1.1, which other clients also support. Servers are listed in order of preference.</summary>
internal static class ThunderbirdConfig
{
    public static string Write(ClientSettings settings, string domain)
    {
        var provider = new XElement(
            "emailProvider",
            new XAttribute("id", domain),
            new XElement("domain", domain),
            new XElement("displayName", domain),
            new XElement("displayShortName", domain),
            Server("incomingServer", "imap", settings.Hostname, settings.ImapsPort, "SSL"),
            Server("incomingServer", "imap", settings.Hostname, settings.ImapPort, "STARTTLS"),
            Server("outgoingServer", "smtp", settings.Hostname, settings.SubmissionsPort, "SSL"),
            Server("outgoingServer", "smtp", settings.Hostname, settings.SubmissionPort, "STARTTLS"));
        var config = new XElement("clientConfig", new XAttribute("version", "1.1"), provider);
        if (settings.HttpsPort != 0) config.Add(Dav("addressBook", "carddav", settings), Dav("calendar", "caldav", settings));
        return $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{config}\n";
    }

    private static XElement? Server(string element, string type, string host, int port, string security) => port == 0 ? null : new XElement(
        element,
        new XAttribute("type", type),
        new XElement("hostname", host),
        new XElement("port", port.ToString(CultureInfo.InvariantCulture)),
        new XElement("socketType", security),
        new XElement("username", "%EMAILADDRESS%"),
        new XElement("authentication", "password-cleartext"));

    private static XElement Dav(string element, string type, ClientSettings settings) => new(
        element,
        new XAttribute("type", type),
        new XElement("username", "%EMAILADDRESS%"),
        new XElement("authentication", "http-basic"),
        new XElement("serverURL", settings.WebRoot + "/"));
}
