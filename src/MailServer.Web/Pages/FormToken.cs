using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace MailServer.Web.Pages;

/// <summary>
/// The token of a form: a random part, which makes each form unique, and its code under the cookie of the browser (CSRF). The cookie is a random secret, so no other key is
/// needed, and a form remains valid over a restart of the server as long as its session.
/// </summary>
internal static class FormToken
{
    private const int RandomOctets = 16;
    private const int RandomLength = 22;

    public static string New(string cookie)
    {
        var random = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomOctets));
        return random + CodeOf(cookie, random);
    }

    public static bool IsValid(string cookie, string token) => token.Length > RandomLength && CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(CodeOf(cookie, token[..RandomLength])), Encoding.UTF8.GetBytes(token[RandomLength..]));

    private static string CodeOf(string cookie, string random) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(cookie), Encoding.UTF8.GetBytes("form " + random)));
}
