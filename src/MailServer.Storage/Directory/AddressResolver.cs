using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Storage.Directory;

/// <summary>
/// Resolves addresses. A disabled domain refuses all mail. A domain that is an alias of another has the addresses of that one. In all others the first match decides, and a disabled account,
/// alias or list refuses the mail: the account, the alias or the list; the owner of a list (<c>team-owner</c>); all of these without the subaddress; for <c>abuse</c> (RFC 2142 §4) and the
/// addresses of reports the account or alias <c>postmaster</c>; the pattern with the most characters; the catch-all of the domain; and for these and <c>postmaster</c>, which every domain must
/// accept (RFC 5321 §4.5.1), the oldest enabled account of the domain.
/// </summary>
internal sealed class AddressResolver(IDirectoryQueries reader)
{
    private const string Postmaster = "postmaster";
    private const int MaxAddresses = 200;

    /// <summary>Names that reach the postmaster unless they exist: complaints, and the reports that other hosts send about every domain.</summary>
    private static readonly string[] ForPostmaster = ["abuse", "dmarc-reports", "tls-reports"];

    public RecipientResolution Resolve(EmailAddress address)
    {
        if (reader.FindDomain(address.Domain) is not { } domain) return new RecipientResolution.Remote();
        if (!domain.Enabled) return new RecipientResolution.Disabled(IsDomain: true);
        if (domain.AliasOf is null) return Resolve(address, address);
        // A domain is an alias of one that is none itself; anything else is damage.
        if (reader.FindDomain(domain.AliasOf) is not { AliasOf: null } other) return new RecipientResolution.Unknown();
        if (!other.Enabled) return new RecipientResolution.Disabled(IsDomain: true);
        return EmailAddress.TryCreate(address.Local, other.Name, out var there) ? Resolve(there, address) : new RecipientResolution.Unknown();
    }

    /// <param name="known">The address as it is in the directory.</param>
    /// <param name="asked">The address that the sender has written, perhaps under another name of the domain.</param>
    private RecipientResolution Resolve(EmailAddress known, EmailAddress asked) =>
        Exact(known, asked, tag: null)
        ?? (known.Tag is { } tag ? Exact(known.WithoutTag(), asked, tag) : null)
        ?? (ForPostmaster.Any(name => IsNamed(known, name)) ? Exact(EmailAddress.Parse($"{Postmaster}@{known.Domain}"), asked, known.Tag) : null)
        ?? Pattern(known)
        ?? CatchAll(known.Domain)
        ?? (RecipientResolution?)FallBack(known, asked)
        ?? new RecipientResolution.Unknown();

    /// <summary>
    /// True if mail for the address reaches the account, which may then also send as the address.
    /// Uses the same resolution as delivery, so that receiving and sending always agree.
    /// </summary>
    public bool LeadsTo(AccountId account, EmailAddress address)
    {
        var seen = new HashSet<EmailAddress> { address };
        var level = new List<EmailAddress> { address };
        for (var depth = 0; depth <= Limits.Default.AliasDepth && level.Count > 0; depth++)
        {
            var next = new List<EmailAddress>();
            foreach (var hop in level)
            {
                var resolution = Resolve(hop);
                if (resolution is RecipientResolution.Local local && local.Account == account) return true;
                if (resolution is RecipientResolution.Alias alias) next.AddRange(alias.Targets.Where(seen.Add));
            }

            level = next;
        }

        return false;
    }

    /// <summary>Returns every address that leads to the account, its own first: the reverse of <see cref="LeadsTo"/>.</summary>
    public IReadOnlyList<EmailAddress> AddressesOf(AccountId account)
    {
        if (reader.FindAccount(account) is not { } known) return [];
        var found = new List<EmailAddress> { known.Address };
        for (var i = 0; i < found.Count && found.Count < MaxAddresses; i++)
        {
            var address = found[i];
            var names = reader.OtherNamesOf(address.Domain).Select(name => EmailAddress.TryCreate(address.Local, name, out var same) ? same : null).OfType<EmailAddress>();
            found.AddRange(reader.AliasesOf(address.Key).Concat(names).Where(other => !found.Contains(other)).ToArray());
        }

        return found;
    }

    private RecipientResolution? Exact(EmailAddress known, EmailAddress asked, string? tag)
    {
        if (reader.FindAccount(known) is { } account) return account.Enabled ? new RecipientResolution.Local(account.Id, asked, tag) : new RecipientResolution.Disabled();
        var (targets, isEnabled) = reader.AliasTargets(known.Key);
        if (targets.Count == 0) return List(known);
        if (isEnabled) return new RecipientResolution.Alias(targets);
        // Mail for the postmaster is never refused: a disabled alias is as good as none.
        return IsRequired(known) ? null : new RecipientResolution.Disabled();
    }

    /// <summary>A list, or the owner of one.</summary>
    private RecipientResolution? List(EmailAddress known)
    {
        if (reader.FindList(known.Key) is { } list) return list.Enabled ? new RecipientResolution.List(list) : IsRequired(known) ? null : new RecipientResolution.Disabled();
        return MailingList.TryFindServed(known, out var served) && reader.FindList(served.Key) is { } owned ? new RecipientResolution.Alias([owned.Settings.Owner]) : null;
    }

    private RecipientResolution? Pattern(EmailAddress known)
    {
        var matching = reader.PatternsOf(known.Domain).Where(p => AliasPattern.Matches(p, known.Local) || (known.Tag is not null && AliasPattern.Matches(p, known.WithoutTag().Local)));
        if (matching.OrderByDescending(AliasPattern.Literals).ThenBy(static p => p, StringComparer.OrdinalIgnoreCase).FirstOrDefault() is not { } best) return null;
        var (targets, isEnabled) = EmailAddress.TryCreate(best, known.Domain, out var pattern) ? reader.AliasTargets(pattern.Key) : ([], false);
        if (targets.Count == 0) return null;
        return isEnabled ? new RecipientResolution.Alias(targets) : IsRequired(known) ? null : new RecipientResolution.Disabled();
    }

    private RecipientResolution.Alias? CatchAll(string domain) =>
        reader.AliasTargets(AliasAddress.CatchAllKey(domain)) is (Targets: { Count: > 0 } targets, Enabled: true) ? new RecipientResolution.Alias(targets) : null;

    private RecipientResolution.Local? FallBack(EmailAddress known, EmailAddress asked) =>
        IsRequired(known) && reader.FirstAccount(known.Domain) is { } account ? new RecipientResolution.Local(account.Id, asked, asked.Tag) : null;

    /// <summary>True for a name that every domain accepts.</summary>
    private static bool IsRequired(EmailAddress address) => IsNamed(address, Postmaster) || ForPostmaster.Any(name => IsNamed(address, name));

    private static bool IsNamed(EmailAddress address, string name) => string.Equals(address.WithoutTag().Local, name, StringComparison.OrdinalIgnoreCase);
}
