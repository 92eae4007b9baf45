using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Storage.Directory;

/// <summary>
/// Resolves addresses. A disabled domain refuses all mail. In others the first match decides, and a disabled account or alias refuses the mail: the account; the alias; both again without the subaddress; for <c>abuse</c> (RFC
/// 2142 §4) and the addresses of reports the account or alias <c>postmaster</c>; the catch-all of the domain; and for these and
/// <c>postmaster</c>, which every domain must accept (RFC 5321 §4.5.1), the oldest enabled account of the domain.
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
        return Exact(address, address, tag: null)
            ?? (address.Tag is { } tag ? Exact(address.WithoutTag(), address, tag) : null)
            ?? (ForPostmaster.Any(name => IsNamed(address, name)) ? Exact(EmailAddress.Parse($"{Postmaster}@{address.Domain}"), address, address.Tag) : null)
            ?? CatchAll(address.Domain)
            ?? (RecipientResolution?)FallBack(address)
            ?? new RecipientResolution.Unknown();
    }

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
            found.AddRange(reader.AliasesOf(found[i].Key).Where(alias => !found.Contains(alias)));
        return found;
    }

    private RecipientResolution? Exact(EmailAddress known, EmailAddress asked, string? tag)
    {
        if (reader.FindAccount(known) is { } account) return account.Enabled ? new RecipientResolution.Local(account.Id, asked, tag) : new RecipientResolution.Disabled();
        var (targets, isEnabled) = reader.AliasTargets(known.Key);
        if (targets.Count == 0) return null;
        if (isEnabled) return new RecipientResolution.Alias(targets);
        // Mail for the postmaster is never refused: a disabled alias is as good as none.
        return IsRequired(known) ? null : new RecipientResolution.Disabled();
    }

    private RecipientResolution.Alias? CatchAll(string domain) =>
        reader.AliasTargets(AliasAddress.CatchAllKey(domain)) is (Targets: { Count: > 0 } targets, Enabled: true) ? new RecipientResolution.Alias(targets) : null;

    private RecipientResolution.Local? FallBack(EmailAddress address) =>
        IsRequired(address) && reader.FirstAccount(address.Domain) is { } account ? new RecipientResolution.Local(account.Id, address, address.Tag) : null;

    /// <summary>True for a name that every domain accepts.</summary>
    private static bool IsRequired(EmailAddress address) => IsNamed(address, Postmaster) || ForPostmaster.Any(name => IsNamed(address, name));

    private static bool IsNamed(EmailAddress address, string name) => string.Equals(address.WithoutTag().Local, name, StringComparison.OrdinalIgnoreCase);
}
