using System.CommandLine;
using MailServer.Commands.Dav;
using MailServer.Configuration;
using MailServer.Domain.Accounts;
using MailServer.Storage.SafeFiles;

namespace MailServer.Commands;

/// <summary>The command line: which commands there are, and what a failure looks like.</summary>
public static class CommandLine
{
    /// <summary>Runs one command. Returns 0 when it is done, 1 when it failed (one clear line on stderr), 2 when it was not understood.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, Shell shell, CancellationToken cancel)
    {
        OwnFile.KeepPrivate();
        // Neither response files (@domain is a catch-all) nor bundled options exist here.
        var parsed = Build(shell).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        if (parsed.Errors.Count > 0)
        {
            // That a command is missing is also said of one that does not exist, and first.
            var error = parsed.UnmatchedTokens.Count > 0 ? parsed.Errors[^1] : parsed.Errors[0];
            var message = string.Join(' ', error.Message.Split(['\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries));
            shell.Complain($"{message.TrimEnd('.')}; see '{Path(parsed)} --help'");
            return ExitCodes.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(shell.Terminal.Invocation, cancel);
        }
        catch (CommandFailure e)
        {
            shell.Complain(e.Message);
            return e.ExitCode;
        }
        catch (ConfigurationException e)
        {
            foreach (var problem in e.Problems) shell.Complain(problem.ToString());
        }
        catch (DirectoryException e)
        {
            shell.Complain(e.Message + Hint(e.Refusal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            shell.Complain(e.Message);
        }

        catch (Exception e) when (e is not OperationCanceledException)
        {
            shell.Terminal.Complain(e);
        }

        return ExitCodes.Failed;
    }

    /// <summary>The tree of all commands, for the test of their table.</summary>
    internal static RootCommand Commands(Shell shell) => Build(shell);

    private static RootCommand Build(Shell shell)
    {
        var factory = new CommandFactory(shell);
        return new RootCommand("A mail server: IMAP with push, SMTP in and out, on one machine with nothing but files and SQLite.")
        {
            factory.Config,
            SetupCommand.Create(factory),
            PreflightCommand.Create(factory),
            DoctorCommand.Create(factory),
            DnsCommands.Create(factory),
            TlsCommands.Create(factory),
            ServeCommand.Create(factory),
            LocalServeCommand.Create(factory),
            MigrateCommand.Create(factory),
            BackupCommands.Create(factory),
            BackupCommands.CreateRestore(factory),
            ImportCommands.Create(factory),
            ExportCommand.Create(factory),
            CheckCommand.Create(factory),
            DomainCommands.Create(factory),
            UserCommands.Create(factory),
            AliasCommands.Create(factory),
            DkimCommands.Create(factory),
            SpfCommand.Create(factory),
            DmarcCommand.Create(factory),
            ArcCommand.Create(factory),
            ReportCommands.Tls(factory),
            TransportSecurityCommands.CreateMtaSts(factory),
            TransportSecurityCommands.CreateDane(factory),
            QueueCommands.Create(factory),
            StatusCommand.Create(factory),
            SessionsCommands.Create(factory),
            MailboxesCommands.Create(factory),
            ActorsCommands.Create(factory),
            LogCommands.Create(factory),
            BansCommands.Create(factory),
            AuditCommand.Create(factory),
            DavCommands.Create(factory),
            ClusterCommands.Create(factory),
            ConfigCommands.Create(factory),
            VersionCommand.Create(factory),
        };
    }

    private static string Path(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (System.CommandLine.Parsing.SymbolResult? at = parsed.CommandResult; at is System.CommandLine.Parsing.CommandResult command; at = at.Parent)
            names.Push(command.Command is RootCommand ? "mailserver" : command.Command.Name);
        return string.Join(' ', names);
    }

    private static string Hint(DirectoryRefusal refusal) => refusal switch
    {
        DirectoryRefusal.DomainUnknown => "; add it with 'mailserver domain add', or see 'mailserver domain list'",
        DirectoryRefusal.DomainHasAccounts => "; remove them first, or use --force",
        DirectoryRefusal.AccountUnknown => "; try 'mailserver user list'",
        DirectoryRefusal.AppPasswordUnknown or DirectoryRefusal.AppPasswordExists => "; see 'mailserver user app-password list'",
        DirectoryRefusal.AliasUnknown => "; try 'mailserver alias list'",
        DirectoryRefusal.AddressIsAlias => "; see 'mailserver alias list'",
        DirectoryRefusal.AddressIsAccount => ", and cannot be an alias as well",
        DirectoryRefusal.DatabaseMissing => "; make it with 'mailserver migrate'",
        _ => "",
    };
}
