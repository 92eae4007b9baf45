using MailServer.Actors.Collections;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Protocol.Contacts;

namespace MailServer.Actors.Delivery;

/// <summary>The email addresses in the address books of accounts, for scripts. What was read is used for a minute. Safe for concurrent use.</summary>
internal sealed class ContactAddresses(ICollections collections, TimeProvider time)
{
    private const int Most = 20_000;
    private const int MostAccounts = 200;
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<AccountId, (long At, IReadOnlySet<string> Addresses)> _known = [];

    /// <summary>The addresses; null if the address books cannot be read now.</summary>
    public async Task<IReadOnlySet<string>?> OfAsync(AccountId account, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (_known.TryGetValue(account, out var known) && time.GetElapsedTime(known.At) < Fresh) return known.Addresses;
        }

        var found = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (await ReadAsync(account, new CollectionRequest.List(CollectionPath.HomeOf(CollectionSpace.AddressBooks), 0, WithProperties: false), cancel) is not { } home) return null;
        foreach (var book in home.Collections.Where(static c => c.Kind == CollectionKind.AddressBook))
        {
            for (long? after = 0; after is { } from && found.Count < Most;)
            {
                if (await ReadAsync(account, new CollectionRequest.Query(book.Path, from, QueryPlan.Everything), cancel) is not { } page) return null;
                foreach (var entry in page.Resources)
                    if (ContactCard.TryParse(entry.Body, ContactLimits.Default, out var card, out _)) found.UnionWith(card.Emails.Select(static e => e.Trim()));
                after = page.Next;
            }
        }

        lock (_lock)
        {
            if (_known.Count >= MostAccounts) _known.Clear();
            _known[account] = (time.GetTimestamp(), found);
        }

        return found;
    }

    private async Task<CollectionReply.Page?> ReadAsync(AccountId account, CollectionRequest request, CancellationToken cancel) =>
        await collections.AskAsync(account, request, cancel) as CollectionReply.Page;
}
