using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using MailServer.Domain.Addresses;

namespace MailServer.Web.Autoconfig;

/// <summary>Outlook autodiscover in its "plain old XML" form.</summary>
internal static class OutlookAutodiscover
{
    private static readonly XNamespace Envelope = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";
    private static readonly XNamespace Outlook = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

    /// <summary>Reads the email address in a request; null if there is none.</summary>
    public static string? ReadAddress(Stream body)
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        try
        {
            using var reader = XmlReader.Create(body, settings);
            while (reader.Read())
                if (reader is { NodeType: XmlNodeType.Element, LocalName: "EMailAddress" }) return reader.ReadElementContentAsString().Trim();
        }
        catch (Exception e) when (e is XmlException or InvalidOperationException or ArgumentException)
        {
            // Not an autodiscover request: malformed XML, an element in place of the address, or an unknown encoding.
        }

        return null;
    }

    public static string Write(ClientSettings settings, EmailAddress address)
    {
        var account = new XElement(
            Outlook + "Account",
            Text("AccountType", "email"),
            Text("Action", "settings"),
            Server("IMAP", settings.Hostname, settings.ImapsPort, address),
            Server("SMTP", settings.Hostname, settings.SubmissionsPort, address));
        return Document(new XElement(Outlook + "Response", new XElement(Outlook + "User", Text("DisplayName", address.ToString())), account));
    }

    public static string Refusal() => Document(new XElement(
        Envelope + "Response", new XElement(Envelope + "Error", new XElement(Envelope + "ErrorCode", "500"), new XElement(Envelope + "Message", "This mail domain is not hosted here"))));

    private static XElement? Server(string type, string host, int port, EmailAddress address) => port == 0 ? null : new XElement(
        Outlook + "Protocol",
        Text("Type", type),
        Text("Server", host),
        Text("Port", port.ToString(CultureInfo.InvariantCulture)),
        Text("DomainRequired", "off"),
        Text("LoginName", address.ToString()),
        Text("SPA", "off"),
        Text("SSL", "on"),
        Text("Encryption", "SSL"),
        Text("AuthRequired", "on"));

    private static XElement Text(string name, string value) => new(Outlook + name, value);

    private static string Document(XElement response) => $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{new XElement(Envelope + "Autodiscover", response)}\n";
}
