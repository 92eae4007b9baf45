using System.CommandLine;
using MailServer.Common;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Formatting;
using MailServer.Storage.Directory;

namespace MailServer.Commands;

/// <summary><c>user import</c>: adds the accounts of a file.</summary>
internal static class UserImportCommand
{
    public static Command Create(CommandFactory factory)
    {
        var file = new Argument<string>("FILE") { Description = "A CSV file with a line for each user: address,password,quota. Password and quota may be empty." };
        var dry = new Option<bool>("--dry-run") { Description = "Only check every line; change nothing." };
        var invite = new Option<bool>("--invite") { Description = "For users without a password: print a link with which they choose one. Default: generate a password." };
        return factory.Action(
            "import", "Add the users of a file: all, or none if a line cannot be used. Users that exist are left as they are.",
            ["user import users.csv --dry-run", "user import users.csv --invite --json"], [file, dry, invite, InvitationCommands.Lifetime, factory.Json], async (context, cancel) =>
            {
                var lines = AccountFile.Read(NamedFile.ReadText(context.Get(file)));
                if (lines.Count == 0) throw new CommandFailure($"{context.Get(file)} has no users");
                if (context.Get(invite)) InvitationCommands.LinkOf(context, "");
                var hasher = context.CreateHasher();
                using var directory = context.OpenDirectory();
                var import = new AccountImport(directory, directory.Administration, password => PasswordHasher.IsAcceptable(password) ? hasher.Hash(password) : null, hasher.HashUnknown, context.Shell.Time);
                var options = new AccountImportOptions { IsDry = context.Get(dry), InvitationLifetime = context.Get(invite) ? InvitationCommands.LifetimeOf(context) : null, Most = Limits.Default.ImportedAccounts };
                return Print(context, await import.RunAsync(lines, options, cancel), options.IsDry);
            });
    }

    private static int Print(CommandContext context, IReadOnlyList<AccountImportLine> lines, bool isDry)
    {
        var listing = new Listing("line", "address", "result", "reason", "password", "link");
        var isRefused = lines.Any(static l => l.Outcome == AccountImportOutcome.Faulty);
        foreach (var line in lines)
        {
            // Nothing is added if a line is faulty, so no line says that it was.
            var word = line.Outcome == AccountImportOutcome.Added && (isDry || isRefused) ? "new" : line.Word;
            listing.Add(line.Number, line.Address, word, line.Reason, line.Password ?? "", line.Invitation is { } secret ? InvitationCommands.LinkOf(context, secret) : "");
        }

        context.Print(listing);
        if (!isRefused) return ExitCodes.Success;
        throw new CommandFailure($"{Quantity.Of(lines.Count(static l => l.Outcome == AccountImportOutcome.Faulty), "line")} cannot be used; nothing was added");
    }
}
