using MailServer.Actors.Collections;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Storage.Collections;
using MailServer.Storage.Directory;

namespace MailServer.Commands.Dav;

/// <summary>The collections of accounts in local files. Each store is opened on first use and stays open until the command ends.</summary>
internal sealed class LocalCollections(string maildirPath, IDirectory directory, TimeProvider time) : ICollections, IDisposable
{
    private readonly Dictionary<AccountId, CollectionStore> _open = [];

    public async Task<CollectionReply> AskAsync(AccountId account, CollectionRequest request, CancellationToken cancel)
    {
        if (!_open.TryGetValue(account, out var store))
        {
            var options = new CollectionStoreOptions { Directory = AccountFolder.PathOf(maildirPath, account), Owner = await directory.FindAccountAsync(account, cancel), Limits = Limits.Default };
            _open.Add(account, store = CollectionStore.Open(options, time));
        }

        if (request is not CollectionRequest.Change change) return store.Read(request);
        var reply = store.Change(change);
        store.Commit();
        return reply;
    }

    public void Dispose()
    {
        foreach (var store in _open.Values) store.Dispose();
    }
}
