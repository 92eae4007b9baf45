using System.Net;
using MailServer.Domain.Addresses;
using QRCoder;

namespace MailServer.Web.Autoconfig;

/// <summary>The setup page with a QR code: users open it on a computer and scan the code with their phone.</summary>
internal static class PublicSetupPage
{
    /// <summary>No external resources and no scripts.</summary>
    public const string Policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static string Write(ClientSettings settings, EmailAddress address)
    {
        var profile = $"{settings.WebRoot}/setup/apple.mobileconfig?email={Uri.EscapeDataString(address.ToString())}";
        var mail = WebUtility.HtmlEncode(address.ToString());
        var host = WebUtility.HtmlEncode(settings.Hostname);
        return $$"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Set up {{mail}}</title>
            <style>
            :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
            body { max-width: 42rem; margin: 2rem auto; padding: 0 1rem; }
            table { border-collapse: collapse; } td, th { text-align: left; padding: .25rem 1rem .25rem 0; }
            svg { background: #fff; padding: .5rem; width: 14rem; height: 14rem; }
            </style>
            </head>
            <body>
            <h1>Set up {{mail}}</h1>
            <h2>iPhone, iPad, Mac</h2>
            <p>Point the camera at this, or <a href="{{WebUtility.HtmlEncode(profile)}}">open the profile</a>. Then install it in <em>Settings → Profile downloaded</em>; it brings mail, calendars and contacts.</p>
            {{Code(profile)}}
            <h2>Thunderbird, K-9 Mail, Outlook</h2>
            <p>Add an account with the address {{mail}}: the rest is found. By hand:</p>
            <table>
            <tr><th>Incoming, IMAP</th><td>{{host}}</td><td>port {{settings.ImapsPort}}</td><td>SSL/TLS</td></tr>
            <tr><th>Outgoing, SMTP</th><td>{{host}}</td><td>port {{settings.SubmissionsPort}}</td><td>SSL/TLS</td></tr>
            </table>
            <p>The user name is the whole address.</p>
            <h2>Calendars and contacts</h2>
            <p>CalDAV and CardDAV (DAVx⁵, Thunderbird): <code>{{WebUtility.HtmlEncode(settings.WebRoot)}}/</code></p>
            </body>
            </html>

            """;
    }

    private static string Code(string text)
    {
        const int PixelsPerModule = 4;
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using var code = new SvgQRCode(data);
        return code.GetGraphic(PixelsPerModule, "#000000", "#ffffff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute).Replace("<svg ", "<svg role=\"img\" aria-label=\"QR code of the profile\" ", StringComparison.Ordinal);
    }
}
