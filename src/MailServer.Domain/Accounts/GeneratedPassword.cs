using System.Security.Cryptography;
using System.Text;

namespace MailServer.Domain.Accounts;

/// <summary>Generates passwords for people to type: 100 random bits as 20 letters and digits that are not mistaken for each other, in groups of five.</summary>
public static class GeneratedPassword
{
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int Letters = 20;
    private const int GroupLength = 5;

    public static string New()
    {
        var text = new StringBuilder(Letters + (Letters / GroupLength));
        for (var i = 0; i < Letters; i++)
        {
            if (i > 0 && i % GroupLength == 0) text.Append('-');
            text.Append(Alphabet[RandomNumberGenerator.GetInt32(Alphabet.Length)]);
        }

        return text.ToString();
    }
}
