using MailServer.Common;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Import;
using MailServer.Storage.Directory;
using MailServer.Web.Admin;

namespace MailServer.Commands.Dav;

/// <summary>Works directly on the collection files, for use without a running server.</summary>
internal sealed class LocalDavStore : IDavStore
{
    private readonly IDirectoryStore _directory;
    private readonly LocalCollections _collections;
    private readonly DavAdministration _dav;

    public LocalDavStore(CommandContext context)
    {
        _directory = context.OpenDirectory();
        _collections = new LocalCollections(context.Options.Storage.MaildirPath, _directory, context.Shell.Time);
        _dav = new DavAdministration(_collections, context.Shell.Time);
    }

    public Task<IReadOnlyList<CollectionDocument>> ListAsync(string account, CancellationToken cancel) =>
        DoAsync(account, owner => _dav.ListAsync(owner, cancel), cancel);

    public Task ExportAsync(string account, string collection, Stream output, CancellationToken cancel) =>
        DoAsync(account, owner => DoneAsync(_dav.ExportAsync(owner, collection, output, cancel)), cancel);

    public Task<DavImportDocument> ImportAsync(string account, string collection, IReadOnlyList<ImportEntry> batch, CancellationToken cancel) =>
        DoAsync(account, owner => _dav.ImportAsync(owner, collection, batch, cancel), cancel);

    public Task<bool> ShareAsync(string account, string collection, string guest, CollectionAccess access, CancellationToken cancel) => DoAsync(
        account, async owner => await _dav.ShareAsync(owner, collection, await DavAdminEndpoints.FindAsync(_directory, guest, cancel), access, cancel), cancel);

    public async Task<string> LinkAsync(string account, string collection, CancellationToken cancel) =>
        (await DoAsync(account, owner => _dav.LinkAsync(owner, collection, cancel), cancel)).Path;

    public Task UnlinkAsync(string account, string collection, CancellationToken cancel) =>
        DoAsync(account, owner => DoneAsync(_dav.UnlinkAsync(owner, collection, cancel)), cancel);

    public void Dispose()
    {
        _collections.Dispose();
        _directory.Dispose();
    }

    private static async Task<bool> DoneAsync(Task task)
    {
        await task;
        return true;
    }

    private async Task<T> DoAsync<T>(string account, Func<Account, Task<T>> work, CancellationToken cancel)
    {
        try
        {
            return await work(await DavAdminEndpoints.FindAsync(_directory, account, cancel));
        }
        catch (DavException e)
        {
            throw new CommandFailure(e.Message);
        }
    }
}
