using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Storage.Directory;

/// <summary>Caches results of one state of the directory, including negative ones; cleared completely when the directory changes.</summary>
internal sealed class DirectoryCache
{
    // Clients choose which addresses are looked up, so the cache is bounded and cleared when it is full.
    private const int MaxAnswers = 50_000;

    private readonly Dictionary<EmailAddress, RecipientResolution> _resolutions = [];
    private readonly Dictionary<string, HostedDomain?> _domains = new(StringComparer.Ordinal);
    private readonly Dictionary<EmailAddress, AccountCredentials?> _logins = [];
    private readonly Dictionary<(AccountId, EmailAddress), bool> _senders = [];
    private readonly Dictionary<AccountId, Account?> _accounts = [];
    private readonly Dictionary<AccountId, IReadOnlyList<EmailAddress>> _addresses = [];
    private readonly Dictionary<AccountId, IReadOnlyList<Account>> _sharers = [];

    public RecipientResolution Resolution(EmailAddress address, Func<EmailAddress, RecipientResolution> find) => WithRequestedSpelling(Get(_resolutions, address, find), address);

    /// <summary>Restores the requested spelling in a result that was cached for an equivalent spelling.</summary>
    public static RecipientResolution WithRequestedSpelling(RecipientResolution answer, EmailAddress address)
    {
        return answer is RecipientResolution.Local local && local.Address.Local != address.Local
            ? local with { Address = address, Tag = local.Tag is null ? null : address.Tag }
            : answer;
    }

    public HostedDomain? Domain(string domain, Func<string, HostedDomain?> find) => Get(_domains, domain, find);

    public AccountCredentials? Login(EmailAddress login, Func<EmailAddress, AccountCredentials?> find) => Get(_logins, login, find);

    public bool MaySendAs(AccountId account, EmailAddress sender, Func<(AccountId, EmailAddress), bool> find) => Get(_senders, (account, sender), find);

    public Account? Account(AccountId account, Func<AccountId, Account?> find) => Get(_accounts, account, find);

    public IReadOnlyList<EmailAddress> Addresses(AccountId account, Func<AccountId, IReadOnlyList<EmailAddress>> find) => Get(_addresses, account, find);

    public IReadOnlyList<Account> Sharers(AccountId guest, Func<AccountId, IReadOnlyList<Account>> find) => Get(_sharers, guest, find);

    public void Clear()
    {
        _resolutions.Clear();
        _domains.Clear();
        _logins.Clear();
        _senders.Clear();
        _accounts.Clear();
        _addresses.Clear();
        _sharers.Clear();
    }

    private static TValue Get<TKey, TValue>(Dictionary<TKey, TValue> answers, TKey key, Func<TKey, TValue> find) where TKey : notnull
    {
        if (answers.TryGetValue(key, out var answer)) return answer;
        answer = find(key);
        if (answers.Count >= MaxAnswers) answers.Clear();
        answers.Add(key, answer);
        return answer;
    }
}
