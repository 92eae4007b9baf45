using System.CommandLine;
using MailServer.Common;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Storage.Directory;

namespace MailServer.Commands;

/// <summary><c>user recover</c>: adds the lost account of an existing mail folder again.</summary>
internal static class UserRecoverCommand
{
    public static Command Create(CommandFactory factory, Argument<string> address)
    {
        var source = new PasswordSource();
        var id = new Option<long?>("--id") { Description = "The number of the folder (user_N), if the address has several or the folder has no owner file.", HelpName = "N" };
        return factory.Action(
            "recover",
            "Add a user again whose mail folder still exists, for example after mail.db was lost or replaced by an older copy. A user already added again with the same address gets the folder and keeps the password.",
            ["user recover ann@example.org", "user recover ann@example.org --id 7"], [address, id, .. source.Options], async (context, cancel) =>
            {
                var wanted = CommandContext.Address(context.Get(address));
                using var directory = context.OpenDirectory();
                var accounts = await directory.Administration.ListAccountsAsync(null, cancel);
                var folders = new AccountFolders(context.Options.Storage.MaildirPath);
                var folder = Choose(folders, accounts, wanted, context.Get(id));
                var present = accounts.FirstOrDefault(a => a.Address.Equals(wanted));
                if (present is not null && source.IsGiven(context)) throw new CommandFailure($"{wanted} already exists and keeps its password; leave the password out, and change it with 'mailserver user passwd'");
                // The server may have this account's mailbox open under its current id.
                if (present is not null && AdminClient.IsRunning(context.Options.Storage.AdminSocketPath))
                    throw new CommandFailure($"the server is running and may use the folder of {wanted}: stop it first ('systemctl stop mailserver')");
                var password = present is null ? context.CreateHasher().Hash(source.Read(context, wanted)) : null;
                if (accounts.Any(a => a.Id == folder.Id)) folder = folders.Renumber(folder, new AccountId(Math.Max(folders.HighestId(), accounts.Max(static a => a.Id.Value)) + 1));
                var createdAt = DateTimeOffset.FromUnixTimeSeconds(folder.Owner?.CreatedAt ?? context.Shell.Time.GetUtcNow().ToUnixTimeSeconds());
                var account = await directory.Administration.RecoverAccountAsync(wanted, folder.Id, createdAt, password, cancel);
                AccountFolders.AssignOwner(folder, account);
                context.WriteLine($"{wanted} now has the mail in {folder.Path}");
                if (present is not null && Directory.Exists(AccountFolder.PathOf(context.Options.Storage.MaildirPath, present.Id)))
                    context.WriteLine($"mail received since then is in {AccountFolder.PathOf(context.Options.Storage.MaildirPath, present.Id)}: import it with 'mailserver import maildir'");
                return ExitCodes.Success;
            });
    }

    private static OwnedFolder Choose(AccountFolders folders, IReadOnlyList<Account> accounts, EmailAddress address, long? id)
    {
        var compared = folders.Compare(accounts);
        var free = folders.List().Where(f => compared.WrongOwner.Any(c => c.Folder.Id == f.Id) || accounts.All(a => a.Id != f.Id)).ToArray();
        var candidates = free.Where(f => id is { } number ? f.Id.Value == number && (f.Owner is null || IsOf(f, address)) : IsOf(f, address)).ToArray();
        return candidates switch
        {
            [var one] => one,
            [] when id is { } number => throw new CommandFailure($"user_{number} is not an unassigned folder of {address}; 'mailserver check' lists unassigned folders"),
            [] => throw new CommandFailure($"no unassigned folder belongs to {address}; 'mailserver check' lists unassigned folders"),
            _ => throw new CommandFailure($"several folders belong to {address}: {string.Join(", ", candidates.Select(static c => c.Path))}; choose one with --id"),
        };
    }

    private static bool IsOf(OwnedFolder folder, EmailAddress address) =>
        folder.Owner is { } owner && EmailAddress.TryParse(owner.Address, out var found) && found.Equals(address);
}
