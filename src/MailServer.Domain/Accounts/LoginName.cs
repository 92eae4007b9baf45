using System.Text;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.Accounts;

/// <summary>A login name from a client, with one key for all equivalent spellings (case, Unicode normalisation, U-labels or A-labels).</summary>
public sealed record LoginName
{
    private const int MaxKey = 254;

    private LoginName(string typed, EmailAddress? address, string key) => (Original, Address, Key) = (typed, address, key);

    /// <summary>The name as received.</summary>
    public string Original { get; }

    /// <summary>The name as an address; null if it is not an address, in which case no account has it.</summary>
    public EmailAddress? Address { get; }

    /// <summary>Lookup key; equal for names of the same account, even if it does not exist.</summary>
    public string Key { get; }

    public static LoginName Of(string typed)
    {
        ArgumentNullException.ThrowIfNull(typed);
        var prepared = Prepare(typed);
        if (EmailAddress.TryParse(prepared, out var address)) return new LoginName(typed, address, address.Key);
        return new LoginName(typed, null, (prepared.Length <= MaxKey ? prepared : prepared[..MaxKey]).ToLowerInvariant());
    }

    /// <summary>
    /// Applies the part of SASLprep (RFC 4013) that makes names comparable: compatibility normalisation and trimming
    /// of spaces. Names with prohibited characters need no check because they do not exist in the directory.
    /// </summary>
    public static string Prepare(string name)
    {
        try
        {
            return name.Normalize(NormalizationForm.FormKC).Trim(' ');
        }
        catch (ArgumentException)
        {
            return name; // Unassigned code point or unpaired surrogate: matches no login.
        }
    }

    public override string ToString() => Original;
}
