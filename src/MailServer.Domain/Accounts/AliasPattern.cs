namespace MailServer.Domain.Accounts;

/// <summary>Patterns for the local parts of aliases: <c>*</c> stands for any number of characters. Case does not matter.</summary>
public static class AliasPattern
{
    /// <summary>The most asterisks in a pattern.</summary>
    public const int MostAsterisks = 2;

    /// <summary>The most patterns of a domain: each of them may be tried for an address that does not exist.</summary>
    public const int MostOfDomain = 100;

    private const char Asterisk = '*';

    /// <summary>True if the local part of an alias is a pattern.</summary>
    public static bool IsPattern(string local)
    {
        ArgumentNullException.ThrowIfNull(local);
        return local.Contains(Asterisk, StringComparison.Ordinal);
    }

    /// <summary>True for one or two asterisks, not side by side, and at least one other character: the pattern of everything is the catch-all.</summary>
    public static bool IsValid(string local)
    {
        ArgumentNullException.ThrowIfNull(local);
        var asterisks = local.Count(static c => c == Asterisk);
        return asterisks is > 0 and <= MostAsterisks && local.Length > asterisks && !local.Contains("**", StringComparison.Ordinal);
    }

    /// <summary>The number of characters that an address must have; the pattern with the most of them wins.</summary>
    public static int Literals(string local)
    {
        ArgumentNullException.ThrowIfNull(local);
        return local.Count(static c => c != Asterisk);
    }

    /// <summary>True if a local part matches a pattern. The cost is at most the product of their lengths.</summary>
    public static bool Matches(string pattern, string local)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(local);
        var (p, l) = (pattern.ToLowerInvariant(), local.ToLowerInvariant());
        var (at, i, star, matched) = (0, 0, -1, 0);
        while (i < l.Length)
        {
            if (at < p.Length && p[at] == Asterisk) (star, matched) = (at++, i);
            else if (at < p.Length && p[at] == l[i]) (at, i) = (at + 1, i + 1);
            else if (star >= 0) (at, i) = (star + 1, ++matched);
            else return false;
        }

        while (at < p.Length && p[at] == Asterisk) at++;
        return at == p.Length;
    }
}
