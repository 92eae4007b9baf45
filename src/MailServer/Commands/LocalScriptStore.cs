using MailServer.Actors.Filtering;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Messages;
using MailServer.Storage.Directory;
using MailServer.Storage.MailboxIndex;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary>Works directly on the files, for use without a running server.</summary>
internal sealed class LocalScriptStore : IScriptStore
{
    private readonly CommandContext _context;
    private readonly IDirectoryStore _directory;
    private readonly ServerScripts _server;
    private readonly ScriptAdministration _scripts;

    public LocalScriptStore(CommandContext context)
    {
        _context = context;
        _directory = context.OpenDirectory();
        _server = SieveFiles.Open(context.Options);
        foreach (var fault in SieveFiles.Load(context.Options.Sieve, _server)) context.Shell.WriteError(fault);
        _scripts = new ScriptAdministration(AskAsync, context.Note, _server);
    }

    public ScriptAdministration Administration => _scripts;

    public async Task<ScriptListDocument> ListAsync(string account, CancellationToken cancel) => ScriptListDocument.Of(await DoAsync(account, a => a.ListAsync(cancel), cancel));

    public async Task<byte[]> ReadAsync(string account, string name, CancellationToken cancel) => (await DoAsync(account, a => a.ReadAsync(name, cancel), cancel)).ToArray();

    public Task PutAsync(string account, string name, byte[] text, CancellationToken cancel) => ChangeAsync(account, a => _scripts.PutAsync(a, name, text, cancel), cancel);

    public Task DeleteAsync(string account, string name, CancellationToken cancel) => ChangeAsync(account, a => _scripts.DeleteAsync(a, name, cancel), cancel);

    public Task RenameAsync(string account, string name, string newName, CancellationToken cancel) => ChangeAsync(account, a => _scripts.RenameAsync(a, name, newName, cancel), cancel);

    public Task<bool> ActivateAsync(string account, string? name, CancellationToken cancel) => DoAsync(account, a => _scripts.ActivateAsync(a, name, cancel), cancel);

    public async Task<ScriptTestDocument> TestAsync(string account, string? name, byte[] message, string from, string to, CancellationToken cancel)
    {
        var tested = await DoAsync(account, a => a.TestAsync(new MailboxRequest.TestScript(name, message, from, to), cancel), cancel);
        return new ScriptTestDocument(tested.Trace, tested.Actions, tested.Error);
    }

    public void Dispose() => _directory.Dispose();

    private async Task<MailboxReply> AskAsync(AccountId account, MailboxRequest request, CancellationToken cancel)
    {
        var options = new MailboxStoreOptions
        {
            Directory = AccountFolder.PathOf(_context.Options.Storage.MaildirPath, account),
            SpoolDirectory = _context.Options.Storage.SpoolPath,
            Owner = await _directory.FindAccountAsync(account, cancel),
            Limits = Limits.Default,
        };
        using var store = MailboxStore.Open(options, new MessageFormat(Limits.Default), _context.Shell.Time);
        return new AccountScripts(() => store, _server, _context.Options.Server.Hostname, Limits.Default, _context.Shell.Time).Perform(request);
    }

    private Task<bool> ChangeAsync(string account, Func<ScriptOwner, Task> change, CancellationToken cancel) => DoAsync(
        account,
        async found =>
        {
            await change(found);
            return true;
        },
        cancel);

    /// <summary>Does something with an account; refusals become failures of the command.</summary>
    internal Task<T> WithAccountAsync<T>(string account, Func<Account, Task<T>> work, CancellationToken cancel) =>
        RunAsync(async () => await work(await DavAdminEndpoints.FindAsync(_directory, account, cancel)));

    private Task<T> DoAsync<T>(string owner, Func<ScriptOwner, Task<T>> work, CancellationToken cancel) =>
        RunAsync(async () => await work(await ScriptEndpoints.FindAsync(_scripts, _directory, owner, cancel)));

    private static async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (DavException e)
        {
            throw new CommandFailure(e.Message);
        }
        catch (ScriptRefusedException e)
        {
            throw new CommandFailure(e.Message);
        }
    }
}
