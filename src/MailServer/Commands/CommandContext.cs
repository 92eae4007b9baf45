using System.CommandLine;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Health;
using MailServer.Hosting;
using MailServer.Storage.Access;
using MailServer.Storage.Directory;
using MailServer.Storage.Health;

namespace MailServer.Commands;

/// <summary>One run of a command: what was typed, and the server's configuration and directory when it asks for them.</summary>
internal sealed class CommandContext(ParseResult parsed, Shell shell, string configPath, Option<bool> json)
{
    private MailServerOptions? _options;

    public Shell Shell { get; } = shell;

    /// <summary>The command has the lock on the data: no server runs, and none starts until the command ends.</summary>
    public bool HoldsData { get; set; }

    public string ConfigPath { get; } = configPath;

    public MailServerOptions Options => _options ??= ConfigurationLoader.Load(ConfigPath, Shell.Environment);

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    /// <summary>An argument that may be left out.</summary>
    public T? GetOptional<T>(Argument<T> argument) => parsed.GetValue(argument);

    public T Get<T>(Argument<T> argument) => parsed.GetRequiredValue(argument);

    public static EmailAddress Address(string text) =>
        EmailAddress.TryParse(text, out var address) ? address : throw new CommandFailure($"'{text}' is not an email address", ExitCodes.Usage);

    public static string Domain(string text) => EmailAddress.TryNormalizeDomain(text, out var domain) && domain[0] != '['
        ? domain
        : throw new CommandFailure($"'{text}' is not a domain name", ExitCodes.Usage);

    /// <summary>The directory of the configuration; it must exist.</summary>
    public IDirectoryStore OpenDirectory() => SharedParts.OpenDirectory(Options, create: false, Shell.Time, Note);

    /// <summary>Writes down what was changed, for <c>audit</c>.</summary>
    private void Note(string kind, string account, string detail)
    {
        try
        {
            using var store = AccessStore.Open(Options.Storage.AccessPath, Complaints);
            store.Append([new AuditEvent(Shell.Time.GetUtcNow(), kind, account, $"command line ({System.Environment.UserName})", null, detail)]);
        }
        catch (DirectoryException e)
        {
            Shell.Complain($"done, but not written down for 'mailserver audit': {e.Message}");
        }
    }

    /// <summary>Damage of databases, told to the user.</summary>
    public StoreProblems Complaints => new(new NodeProblems
    {
        Changed = (problem, isCurrent) =>
        {
            if (isCurrent) Shell.Complain(problem.ToString());
        },
    });

    /// <summary>Prints a line for people; a script reads the exit code.</summary>
    public void Say(string text) => Shell.Terminal.Say(text);

    /// <summary>Prints what may have more than one line.</summary>
    public void Say(TerminalText text) => Shell.Terminal.Say(text);

    public void SayJson(string json) => Shell.Terminal.SayJson(json);

    public Task FlushAsync(CancellationToken cancel) => Shell.Terminal.FlushAsync(cancel);

    public bool WantsJson => parsed.GetValue(json);

    public int Print(Listing listing)
    {
        listing.Write(Shell, WantsJson);
        return ExitCodes.Done;
    }

    public PasswordHasher CreateHasher() => new(Options.Security.HasherOptions);

    /// <summary>Deletes the mail of removed accounts, or says where it still lies.</summary>
    public void DiscardMail(IEnumerable<Account> removed, bool purge)
    {
        foreach (var account in removed)
        {
            var folder = AccountFolder.PathOf(Options.Storage.MaildirPath, account.Id);
            if (FindForeignOwner(folder, account) is { } owner)
            {
                Say($"{folder} belongs to {owner} and is kept");
                continue;
            }

            if (purge && AccountFolder.Purge(Options.Storage.MaildirPath, account.Id)) Say($"deleted {folder}");
            else if (!purge && Directory.Exists(folder)) Say($"the mail of {account.Address} is still in {folder}");
        }
    }

    /// <summary>Who owns a folder, if that is not the account.</summary>
    private static string? FindForeignOwner(string folder, Account account)
    {
        try
        {
            FolderOwner.Verify(folder, account);
            return null;
        }
        catch (ForeignFolderException e)
        {
            return e.Owner!.Address;
        }
    }
}
