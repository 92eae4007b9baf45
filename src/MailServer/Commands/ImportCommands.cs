using System.CommandLine;
using System.Globalization;
using MailServer.Common;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Formatting;
using MailServer.Domain.Mailboxes;
using MailServer.Hosting;
using MailServer.Importing;
using MailServer.Storage.Directory;
using MailServer.Storage.Spool;

namespace MailServer.Commands;

/// <summary><c>import maildir|mbox|imap</c>: imports mail, through the running server or, if none runs, directly into the mailbox.</summary>
internal static class ImportCommands
{
    private static readonly Option<string> Account = new("--account") { Description = "The user to import the mail for.", HelpName = "ADDRESS", Required = true };

    private static readonly Option<string?> Report = new("--report")
    {
        Description = "A new file that lists the refused messages with reasons (JSON, one per line). Default: a file in the current directory, if any are refused.",
        HelpName = "FILE",
    };

    private static readonly Option<bool> Duplicates = new("--duplicates") { Description = "Also import messages that are already in the folder." };

    /// <summary>How long a running import waits for a stopped server to start again.</summary>
    private static readonly TimeSpan RestartPatience = TimeSpan.FromMinutes(2);

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "import", "Import mail from a Maildir, an mbox file or an IMAP server. If an import is interrupted, run it again: nothing is imported twice.",
        Maildir(factory), Mbox(factory), Imap(factory));

    private static Command Maildir(CommandFactory factory)
    {
        var directory = new Argument<string>("DIR") { Description = "The Maildir: a directory that contains cur/ and new/, or contains such directories." };
        return factory.Action(
            "maildir", "Import a Maildir with its folders, flags and dates.", ["import maildir /srv/old/ann/Maildir --account ann@example.org"],
            [directory, Account, Duplicates, Report, factory.Json], (context, cancel) => RunAsync(context, new MaildirSource(context.Get(directory), context.Options.Security.MaxMessageSize), cancel));
    }

    private static Command Mbox(CommandFactory factory)
    {
        var file = new Argument<string>("FILE") { Description = "The mbox file." };
        var folder = new Option<string?>("--folder") { Description = "Import all messages into this folder. Default: the folder given by the labels of a Gmail export, otherwise INBOX.", HelpName = "FOLDER" };
        return factory.Action(
            "mbox", "Import an mbox file, such as a Gmail export or a Thunderbird folder.", ["import mbox archive.mbox --account ann@example.org --folder Archive/2025"],
            [file, folder, Account, Duplicates, Report, factory.Json],
            (context, cancel) => RunAsync(context, new MboxSource(context.Get(file), FolderOf(context.Get(folder)), context.Options.Security.MaxMessageSize), cancel));
    }

    private static FolderName? FolderOf(string? text)
    {
        if (text is null) return null;
        return FolderName.TryParse(text, out var name) ? name : throw new CommandFailure($"'{text}' is not a valid folder name", ExitCodes.Usage);
    }

    private static Command Imap(CommandFactory factory)
    {
        var url = new Argument<string>("URL") { Description = "The account, as imaps://USER@HOST[:PORT] (implicit TLS) or imap://USER@HOST[:PORT] (STARTTLS)." };
        var file = new Option<string>("--source-password-file") { Description = "A file with the password for the other server. Default: prompt for it.", HelpName = "FILE" };
        var authority = new Option<string>("--ca-file") { Description = "A PEM file with an additional trusted certificate authority.", HelpName = "FILE" };
        return factory.Action(
            "imap", "Import all folders of an account on another IMAP server.",
            ["import imap imaps://ann%40example.org@old.example.org --account ann@example.org --source-password-file old-password"],
            [url, file, authority, Account, Duplicates, Report, factory.Json], async (context, cancel) =>
            {
                using var source = new ImapSource(context.Options.Security.MaxMessageSize);
                await source.ConnectAsync(Parse(context, context.Get(url), context.Get(file), context.Get(authority)), cancel);
                return await RunAsync(context, source, cancel);
            });
    }

    private static ImapAccount Parse(CommandContext context, string text, string? passwordFile, string? caFile)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("imap" or "imaps") || url.UserInfo.Length == 0 || url.UserInfo.Contains(':', StringComparison.Ordinal))
            throw new CommandFailure($"'{text}' is not a URL such as imaps://USER@HOST; write an @ in the user name as %40, and do not include the password", ExitCodes.Usage);
        var isTls = url.Scheme == "imaps";
        var password = passwordFile is not null ? NamedFile.ReadFirstLine(passwordFile)
            : context.Shell.PromptSecret?.Invoke($"Password of {Uri.UnescapeDataString(url.UserInfo)} on {url.Host}: ");
        if (string.IsNullOrEmpty(password)) throw new CommandFailure("no password for the other server; use --source-password-file", ExitCodes.Usage);
        return new ImapAccount(url.Host, url.Port > 0 ? url.Port : isTls ? 993 : 143, isTls, Uri.UnescapeDataString(url.UserInfo), password, caFile);
    }

    private static async Task<int> RunAsync(CommandContext context, IMailSource source, CancellationToken cancel)
    {
        var account = await FindAsync(context, cancel);
        using var report = OpenReport(context);
        using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
        using IImportTarget target = context.HoldsDataLock
            ? Stopped(context, account)
            : new RunningServerTarget(server, account.Id, context.Shell.WriteError, RestartPatience, context.Shell.Time);
        var summary = await ProgressBar.RunAsync(context, progress =>
        {
            var importer = new MailImporter(
                target, context.Options.Security.MaxMessageSize, report,
                at => progress($"{account.Address}, messages", at.Found, source.Count ?? 0), context.Shell.Time)
            {
                KeepsDuplicates = context.Get(Duplicates),
            };
            return importer.RunAsync(source, cancel);
        });
        Tell(context, account, summary, report.File);
        return summary.Refused == 0 ? ExitCodes.Success : ExitCodes.Failed;
    }

    private static ImportReport OpenReport(CommandContext context)
    {
        if (context.Get(Report) is not { } path)
            return new ImportReport(string.Create(CultureInfo.InvariantCulture, $"import-refused-{context.Shell.Time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}-{Environment.ProcessId}.jsonl"), context.Shell.WriteError);
        var report = new ImportReport(path, context.Shell.WriteError);
        try
        {
            report.Create();
            return report;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            report.Dispose();
            throw new CommandFailure($"--report must name a file that does not exist yet and can be created: {e.Message}", ExitCodes.Usage);
        }
    }

    private static void Tell(CommandContext context, Account account, ImportSummary summary, string? report)
    {
        if (context.WantsJson)
        {
            var listing = new Listing("account", "found", "filed", "already_there", "refused", "octets", "report");
            listing.Add(account.Address.ToString(), summary.Found, summary.Filed, summary.AlreadyThere, summary.Refused, summary.Octets, report ?? "");
            context.Print(listing);
            return;
        }

        context.WriteLine($"{account.Address}: {Quantity.Of(summary.Found, "message")} found, {summary.Filed} imported, {summary.AlreadyThere} already there, {summary.Refused} refused"
            + (summary.Refused > 0 && report is not null ? $" (listed in {report})" : ""));
    }

    private static StoppedServerTarget Stopped(CommandContext context, Account account)
    {
        var (storage, limits) = (context.Options.Storage, Limits.Default with { MaxMessageSize = context.Options.Security.MaxMessageSize });
        var spool = new SpoolOptions { Directory = storage.SpoolPath, Node = Node.SpoolNameOf(context.Options), IsShared = context.Options.Cluster.Enabled, Limits = limits };
        return new StoppedServerTarget(AccountFolder.PathOf(storage.MaildirPath, account.Id), account, spool, context.Shell.Time);
    }

    private static async Task<Account> FindAsync(CommandContext context, CancellationToken cancel)
    {
        var address = CommandContext.Address(context.Get(Account)!);
        using var directory = context.OpenDirectory();
        return (await directory.Administration.ListAccountsAsync(null, cancel)).FirstOrDefault(a => a.Address.Equals(address))
            ?? throw new CommandFailure($"no user '{address}'; add it with 'mailserver user add {address}'");
    }
}
