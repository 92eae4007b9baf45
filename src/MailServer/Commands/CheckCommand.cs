using System.CommandLine;
using System.Globalization;
using MailServer.Common;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Protocol.Messages;
using MailServer.Storage.Collections;
using MailServer.Storage.Directory;
using MailServer.Storage.Health;
using MailServer.Storage.MailboxIndex;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>check</c>: looks for damaged databases and compares each mailbox index with its files.</summary>
internal static class CheckCommand
{
    public static Command Create(CommandFactory factory)
    {
        var repair = new Option<bool>("--repair") { Description = "Correct the indexes from the files, salvage damaged calendars, and replace a damaged mail.db with its snapshot." };
        var only = new Option<string>("--account") { Description = "Check only this user.", HelpName = "ADDRESS" };
        return factory.Action(
            "check", "Check the databases and compare each mailbox with its files.", ["check", "check --repair --account ann@example.org"],
            [repair, only, factory.Json], async (context, cancel) =>
            {
                var address = context.Get(only) is { } text ? CommandContext.Address(text) : (Domain.Addresses.EmailAddress?)null;
                var listing = new Listing("account", "messages", "problem");
                var problems = NodeDatabases(context, context.Get(repair), listing);
                var (all, failure) = await ListAccountsAsync(context, cancel);
                if (all is null)
                {
                    listing.Add("", 0L, $"the mailboxes were not checked, because the users cannot be read: {failure}");
                    context.Print(listing);
                    return ExitCodes.Failed;
                }

                var accounts = all.Where(a => address is null || a.Address.Equals(address)).ToArray();
                if (accounts.Length == 0 && address is not null) throw new CommandFailure($"no user '{address}'");
                var compared = new AccountFolders(context.Options.Storage.MaildirPath).Compare(all);
                var (found, unrepaired) = await ProgressBar.RunAsync(context, report => CheckAllAsync(context, accounts, compared.WrongOwner, context.Get(repair), listing, report, cancel));
                problems += found;
                if (address is null)
                    foreach (var stray in compared.Orphans.Select(Describe)) listing.Add("", 0L, stray);
                context.Print(listing);
                return problems == 0 || (context.Get(repair) && unrepaired == 0) ? ExitCodes.Success : ExitCodes.Failed;
            });
    }

    /// <summary>The users; null with the reason when they cannot be read.</summary>
    private static async Task<(IReadOnlyList<Account>? Accounts, string Failure)> ListAccountsAsync(CommandContext context, CancellationToken cancel)
    {
        try
        {
            using var directory = context.OpenDirectory();
            return (await directory.Administration.ListAccountsAsync(null, cancel), "");
        }
        catch (Exception e) when (e is DirectoryException or System.Data.Common.DbException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return (null, e.Message);
        }
    }

    /// <summary>Checks the accounts one after the other. Returns the number of problems, and of those that a repair cannot fix.</summary>
    private static async Task<(int Problems, int Unrepaired)> CheckAllAsync(
        CommandContext context, Account[] accounts, IReadOnlyList<(Account Account, OwnedFolder Folder)> foreignFolders, bool repair, Listing listing, ProgressBar.Report report, CancellationToken cancel)
    {
        var (problems, unrepaired) = (0, 0);
        foreach (var (done, account) in accounts.Index())
        {
            report("users checked", done, accounts.Length);
            if (foreignFolders.FirstOrDefault(f => f.Account.Id == account.Id).Folder is { } foreign)
            {
                problems++;
                unrepaired++;
                listing.Add(account.Address.ToString(), 0L, new FolderOwnerMismatchException(foreign.Path, foreign.Owner!, account).Describe(account).ToString());
                continue;
            }

            var (messages, found) = await CheckAsync(context, account, repair, cancel);
            problems += found.Count;
            if (found.Count == 0) listing.Add(account.Address.ToString(), messages, "");
            foreach (var problem in found) listing.Add(account.Address.ToString(), messages, problem);
        }

        return (problems, unrepaired);
    }

    private static async Task<(long Messages, IReadOnlyList<string> Problems)> CheckAsync(CommandContext context, Account account, bool repair, CancellationToken cancel)
    {
        var storage = context.Options.Storage;
        if (AdminClient.IsRunning(storage.AdminSocketPath))
        {
            using var server = new AdminClient(storage.AdminSocketPath);
            var path = string.Create(CultureInfo.InvariantCulture, $"check/{account.Id.Value}{(repair ? "?repair=true" : "")}");
            var checkedThere = await server.PostAsync<CheckDocument>(path, [], cancel);
            return (checkedThere.Messages, checkedThere.Problems);
        }

        var limits = Limits.Default;
        try
        {
            using var store = MailboxStore.Open(
                new MailboxStoreOptions { Directory = AccountFolder.PathOf(storage.MaildirPath, account.Id), Owner = account, SpoolDirectory = storage.SpoolPath, Limits = limits },
                new MessageFormat(limits), context.Shell.Time);
            var found = store.Check(repair);
            return (found.Messages, [.. found.Problems, .. Collections(context, AccountFolder.PathOf(storage.MaildirPath, account.Id), repair)]);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            // A mailbox that cannot be opened must not stop the check of the others.
            return (0, [e.Message]);
        }
    }

    private static string Describe(OwnedFolder orphan) => orphan.Owner is { } owner
        ? $"{orphan.Path} belongs to {owner.Address}, which is not a user; add it again with 'mailserver user recover {owner.Address}'"
        : $"{orphan.Path} belongs to no user";

    /// <summary>Checks the databases of the node and returns the number of those that are damaged or cannot be read. A repair replaces a damaged or lost directory with its snapshot.</summary>
    private static int NodeDatabases(CommandContext context, bool repair, Listing listing)
    {
        var storage = context.Options.Storage;
        var damaged = 0;
        foreach (var file in DatabaseKind.All.Where(static f => !f.IsOfAccount))
        {
            var path = PathOf(storage, file);
            if (context.Options.Cluster.Enabled && (file == DatabaseKind.Directory || file == DatabaseKind.Journal)) continue;
            if (DatabaseCheck.Find(path, isNeeded: file == DatabaseKind.Directory) is not { } failure) continue;
            damaged++;
            if (!failure.IsDamage)
            {
                listing.Add("", 0L, $"{path}: not checked ({failure.Reason}): {failure.Remedy}");
                continue;
            }

            listing.Add("", 0L, $"{path}: {failure.Reason}");
            if (!repair && file == DatabaseKind.Directory) listing.Add("", 0L, $"{path}: 'mailserver check --repair' puts the last snapshot in its place");
            if (!repair) continue;
            if (file == DatabaseKind.Directory) listing.Add("", 0L, DatabaseCheck.RestoreSnapshot(path, context.Shell.Time));
            else listing.Add("", 0L, $"{path}: the server moves it aside at its next start");
        }

        return damaged;
    }

    private static string PathOf(Configuration.StorageOptions storage, DatabaseKind file) => file switch
    {
        _ when file == DatabaseKind.Directory => storage.DatabasePath,
        _ when file == DatabaseKind.Journal => storage.JournalPath,
        _ when file == DatabaseKind.Reports => storage.ReportsPath,
        _ => Path.Combine(storage.NodeDir, file.Name),
    };

    private static IReadOnlyList<string> Collections(CommandContext context, string folder, bool repair)
    {
        try
        {
            using var store = CollectionStore.Open(new CollectionStoreOptions { Directory = folder, Limits = Limits.Default }, context.Shell.Time);
            if (store.FindDamage() is not { Count: > 0 } found) return [];
            if (!repair) return found;
        }
        catch (DamagedStoreException e) when (!repair)
        {
            return [e.Message];
        }
        catch (DamagedStoreException)
        {
            // Salvaged below.
        }

        return CollectionSalvage.Run(folder, context.Shell.Time);
    }
}
