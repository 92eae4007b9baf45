using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MailServer.Commands;
using MailServer.Commands.Dav;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Accounts;
using MailServer.Storage.SafeFiles;

namespace MailServer;

/// <summary>The command line: which commands there are, and what a failure looks like.</summary>
public static class CommandLine
{
    // Made once: symbols that commands share would remember every tree that they were put into.
    private static readonly CommandFactory s_factory = new();
    private static readonly RootCommand s_root = Build(s_factory);

    /// <summary>Runs one command. Returns 0 when it is done, 1 when it failed (one clear line on stderr), 2 when it was not understood.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, Shell shell, CancellationToken cancel)
    {
        OwnFile.KeepPrivate();
        // Neither response files (@domain is a catch-all) nor bundled options exist here.
        var parsed = s_root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        var arguments = new CommandArguments(parsed, args, s_factory.AllowsEmpty);
        // Help and version are given whatever else was typed.
        var isQuestion = parsed.Action is SynchronousCommandLineAction { ClearsParseErrors: true };
        if (!isQuestion && arguments.FindFault() is { } fault) return Refuse(shell, arguments, fault);

        try
        {
            return await parsed.InvokeAsync(new ShellInvocation(shell), cancel);
        }
        catch (CommandFailure e) when (e.ExitCode == ExitCodes.Usage)
        {
            return Refuse(shell, arguments, e.Message);
        }
        catch (CommandFailure e)
        {
            shell.Complain(arguments.Shorten(e.Message));
            return e.ExitCode;
        }
        catch (ConfigurationException e)
        {
            foreach (var problem in e.Problems) shell.Complain(arguments.Shorten(problem.ToString()));
        }
        catch (DirectoryException e)
        {
            shell.Complain(arguments.Shorten(e.Message) + Hint(e.Refusal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            shell.Complain(arguments.Shorten(e.Message));
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C at a question.
            shell.Complain("interrupted");
            return ExitCodes.Interrupted;
        }
        catch (Exception e)
        {
            shell.Terminal.Complain(e);
        }

        return ExitCodes.Failed;
    }

    /// <summary>The tree of all commands, for the test of their table.</summary>
    internal static RootCommand Commands => s_root;

    /// <summary>One line that says what is wrong, and where to read more.</summary>
    private static int Refuse(Shell shell, CommandArguments arguments, string fault)
    {
        shell.Complain($"{arguments.Shorten(fault)}{(fault.EndsWith('?') ? "" : ";")} see '{arguments.Path} --help'");
        return ExitCodes.Usage;
    }

    private static RootCommand Build(CommandFactory factory)
    {
        var root = new RootCommand("A mail server: IMAP with push, SMTP in and out, calendars and contacts; one server or two.")
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
        root.Options.OfType<HelpOption>().Single().Action = factory.Help;
        root.Options.OfType<VersionOption>().Single().Action = VersionCommand.Option();
        return root;
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
