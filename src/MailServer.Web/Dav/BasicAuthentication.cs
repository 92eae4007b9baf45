using System.Buffers.Text;
using System.Net;
using System.Text;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Dav;

/// <summary>HTTP Basic authentication (RFC 7617). The authentication service of the node caches verified passwords.</summary>
internal static class BasicAuthentication
{
    private const string Scheme = "Basic ";

    /// <summary>The authenticated account; null if the response (401 or 503) has been set.</summary>
    public static async ValueTask<Account?> AuthenticateAsync(HttpContext http, DavServices services)
    {
        if (TryReadCredentials(http.Request.Headers.Authorization.ToString(), services.Limits.CredentialLength, out var login, out var password))
        {
            var peer = http.Connection.RemoteIpAddress ?? IPAddress.None;
            switch (await services.Authenticator.AnswerAsync(new AuthenticationRequest.CheckPassword(login, null, password), peer, AccessScope.Dav))
            {
                case AuthenticationReply.Accepted accepted:
                    return accepted.Account;
                case AuthenticationReply.Unavailable:
                    http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                    http.Response.Headers.RetryAfter = "10";
                    return null;
            }
        }

        http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        http.Response.Headers.WWWAuthenticate = "Basic realm=\"mailserver\", charset=\"UTF-8\"";
        return null;
    }

    private static bool TryReadCredentials(string header, int maxLength, out string login, out string password)
    {
        login = password = "";
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header.Length > maxLength * 4) return false;
        var octets = new byte[Base64.GetMaxDecodedFromUtf8Length(header.Length)];
        if (!Convert.TryFromBase64String(header[Scheme.Length..].Trim(), octets, out var length)) return false;
        var text = Encoding.UTF8.GetString(octets, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0) return false;
        (login, password) = (text[..colon], text[(colon + 1)..]);
        return login.Length <= maxLength && password.Length <= maxLength;
    }
}
