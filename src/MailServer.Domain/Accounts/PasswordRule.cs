using System.Collections.Frozen;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.Accounts;

/// <summary>
/// Which passwords are too easy to guess for an account that anybody can try to sign in to. Follows NIST SP 800-63B §3.1.1.2: a minimum length and a list of
/// common passwords, but no required kinds of characters.
/// </summary>
public static class PasswordRule
{
    /// <summary>The minimum length in characters.</summary>
    public const int MinLength = 8;

    private const int MinDistinct = 4;
    private const string Resource = "common-passwords.txt";

    private static readonly Lazy<FrozenSet<string>> Common = new(ReadCommon);

    /// <summary>How many common passwords are known.</summary>
    public static int CommonCount => Common.Value.Count;

    /// <summary>Why the password is too weak, as the end of a sentence that begins with "the password"; null if it is not.</summary>
    /// <param name="password">The new password.</param>
    /// <param name="login">The address of its account.</param>
    public static string? FindFault(string password, EmailAddress login)
    {
        ArgumentNullException.ThrowIfNull(password);
        ArgumentNullException.ThrowIfNull(login);
        if (password.EnumerateRunes().Count() < MinLength) return $"has fewer than {MinLength} characters";
        var text = password.ToLowerInvariant();
        if (text.EnumerateRunes().Distinct().Count() < MinDistinct) return "repeats only a few characters";
        // "password2026!" is guessed as soon as "password".
        var word = text.TrimEnd([.. "0123456789!?.,;:*#@$%&+-_= "]);
        if (NamesOf(login).Any(name => name == text || name == word)) return "is the login name or the domain";
        return Common.Value.Contains(text) || Common.Value.Contains(word) ? "is on the list of common passwords" : null;
    }

    private static IEnumerable<string> NamesOf(EmailAddress login)
    {
        yield return login.ToString().ToLowerInvariant();
        yield return login.Local.ToLowerInvariant();
        yield return login.Domain;
        yield return login.Domain.Split('.')[0];
    }

    private static FrozenSet<string> ReadCommon()
    {
        using var stream = typeof(PasswordRule).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"the resource {Resource} is missing");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
    }
}
