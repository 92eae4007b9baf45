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

/// <summary>One run of a command: its arguments, and the configuration and directory, loaded on first use.</summary>
internal sealed class CommandContext(ParseResult parsed, Shell shell, string configPath, Option<bool> json)
{
    private MailServerOptions? _options;

    public Shell Shell { get; } = shell;

    /// <summary>Whether the command holds the lock on the data directory: no server runs, and none can start until the command ends.</summary>
    public bool HoldsDataLock { get; set; }

    public string ConfigPath { get; } = configPath;

    public MailServerOptions Options => _options ??= ConfigurationLoader.Load(ConfigPath, Shell.Environment);

    /// <summary>The configuration if the command has loaded it; otherwise null.</summary>
    public MailServerOptions? LoadedOptions => _options;

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    /// <summary>The value of an optional argument; null when it is omitted.</summary>
    public T? GetOptional<T>(Argument<T> argument) => parsed.GetValue(argument);

    public T Get<T>(Argument<T> argument) => parsed.GetRequiredValue(argument);

    public static EmailAddress Address(string text) =>
        EmailAddress.TryParse(text, out var address) ? address : throw new CommandFailure($"'{text}' is not an email address", ExitCodes.Usage);

    public static string Domain(string text) => EmailAddress.TryNormalizeDomain(text, out var domain) && domain[0] != '['
        ? domain
        : throw new CommandFailure($"'{text}' is not a domain name", ExitCodes.Usage);

    /// <summary>Opens the directory database named in the configuration. It must exist.</summary>
    public IDirectoryStore OpenDirectory() => SharedStores.OpenDirectory(Options, create: false, Shell.Time, Note);

    /// <summary>Records a change in the audit log.</summary>
    public void Note(string kind, string account, string detail)
    {
        try
        {
            using var store = AccessStore.Open(Options.Storage.AccessPath, ConsoleProblems);
            store.Append([new AuditEvent(Shell.Time.GetUtcNow(), kind, account, $"command line ({System.Environment.UserName})", null, detail)]);
        }
        catch (DirectoryException e)
        {
            Shell.WriteError($"done, but not recorded in the audit log: {e.Message}");
        }
    }

    /// <summary>Prints problems of databases on standard error.</summary>
    public StoreProblems ConsoleProblems => new(new NodeProblems
    {
        Changed = (problem, isCurrent) =>
        {
            if (isCurrent) Shell.WriteError(problem.ToString());
        },
    });

    /// <summary>Prints one line on standard output.</summary>
    public void WriteLine(string text) => Shell.Terminal.WriteLine(text);

    /// <summary>Prints text that may have several lines on standard output.</summary>
    public void WriteLine(TerminalText text) => Shell.Terminal.WriteLine(text);

    public void WriteJson(string json) => Shell.Terminal.WriteJson(json);

    public Task FlushAsync(CancellationToken cancel) => Shell.Terminal.FlushAsync(cancel);

    public bool WantsJson => parsed.GetValue(json);

    public int Print(Listing listing)
    {
        listing.Write(Shell, WantsJson);
        return ExitCodes.Success;
    }

    public PasswordHasher CreateHasher() => new(Options.Security.HasherOptions);

    /// <summary>Deletes the mail of removed accounts if <paramref name="purge"/> is set; otherwise prints where it remains.</summary>
    public void PurgeOrKeepMail(IEnumerable<Account> removed, bool purge)
    {
        foreach (var account in removed)
        {
            var folder = AccountFolder.PathOf(Options.Storage.MaildirPath, account.Id);
            if (FindForeignOwner(folder, account) is { } owner)
            {
                WriteLine($"{folder} belongs to {owner} and is kept");
                continue;
            }

            if (purge && AccountFolder.Purge(Options.Storage.MaildirPath, account.Id)) WriteLine($"deleted {folder}");
            else if (!purge && Directory.Exists(folder)) WriteLine($"the mail of {account.Address} is still in {folder}");
        }
    }

    /// <summary>The owner of a folder if it is not the account; otherwise null.</summary>
    private static string? FindForeignOwner(string folder, Account account)
    {
        try
        {
            FolderOwner.Verify(folder, account);
            return null;
        }
        catch (FolderOwnerMismatchException e)
        {
            return e.Owner!.Address;
        }
    }
}
