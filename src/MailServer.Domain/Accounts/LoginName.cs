using System.Text;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.Accounts;

/// <summary>A login as a client sent it, with one key for all its spellings: case, Unicode normalisation, the domain in U-labels or A-labels.</summary>
public sealed record LoginName
{
    private const int MaxKey = 254;

    private LoginName(string typed, EmailAddress? address, string key) => (Typed, Address, Key) = (typed, address, key);

    /// <summary>As it came.</summary>
    public string Typed { get; }

    /// <summary>Null: it is not an address, so no account has it.</summary>
    public EmailAddress? Address { get; }

    /// <summary>Equal for logins that lead to the same account, or would if it existed.</summary>
    public string Key { get; }

    public static LoginName Of(string typed)
    {
        ArgumentNullException.ThrowIfNull(typed);
        var prepared = Prepare(typed);
        if (EmailAddress.TryParse(prepared, out var address)) return new LoginName(typed, address, address.Key);
        return new LoginName(typed, null, (prepared.Length <= MaxKey ? prepared : prepared[..MaxKey]).ToLowerInvariant());
    }

    /// <summary>
    /// SASLprep (RFC 4013) as far as it makes equal what looks equal: compatibility normalisation and plain spaces. Its prohibitions are
    /// left to the directory, in which no such name exists.
    /// </summary>
    public static string Prepare(string name)
    {
        try
        {
            return name.Normalize(NormalizationForm.FormKC).Trim(' ');
        }
        catch (ArgumentException)
        {
            return name; // an unassigned or lone code point: it will match no login
        }
    }

    public override string ToString() => Typed;
}
