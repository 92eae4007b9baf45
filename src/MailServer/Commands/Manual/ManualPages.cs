using System.CommandLine;
using System.Text;

namespace MailServer.Commands.Manual;

/// <summary>
/// Manual pages for man(1), from the texts of <c>--help</c>: mailserver(1) is the overview, mailserver-COMMAND(1) describes a command and its subcommands.
/// </summary>
/// <param name="root">The command tree.</param>
/// <param name="groups">The top-level commands in the order of the overview.</param>
/// <param name="examplesOf">Example command lines, without the program name.</param>
internal sealed class ManualPages(RootCommand root, IReadOnlyList<CommandGroup> groups, Func<Command, IReadOnlyList<string>> examplesOf)
{
    private const string Program = "mailserver";

    private static readonly (string Code, string Text)[] ExitStatus =
    [
        ("0", "Done."), ("1", "The command failed, or found problems; stderr says why."), ("2", "The arguments were not understood."),
        ("75", "The node left its cluster and should be started again."), ("78", "The configuration keeps the server from starting."), ("130", "Interrupted by Ctrl-C."),
    ];

    /// <summary>The pages by file name.</summary>
    public IReadOnlyDictionary<string, string> Write() =>
        groups.SelectMany(static g => g.Commands).Select(c => (Name: $"{Program}-{c.Name}.1", Text: PageOf(c))).Append((Name: $"{Program}.1", Text: Overview()))
            .ToDictionary(static p => p.Name, static p => p.Text, StringComparer.Ordinal);

    private string Overview()
    {
        var page = new RoffText(Program, "mail server with IMAP push, calendars and contacts");
        page.Synopsis($"{Program} COMMAND [ARGUMENTS] [OPTIONS]", $"{Program} [COMMAND] --help", $"{Program} --version");
        page.Section("DESCRIPTION");
        page.Paragraph("mailserver receives and sends mail (SMTP), lets clients read it (IMAP), and keeps calendars, contacts and files (CalDAV, CardDAV, WebDAV). Accounts, mail and keys are in one folder. Some commands talk to the running server over a socket in that folder, so root or the server's own user must run them.");
        page.Paragraph("Every command has a page of its own, such as mailserver-user(1), and shows the same text with --help.");
        page.Section("COMMANDS");
        foreach (var group in groups)
        {
            page.Subsection(group.Title);
            foreach (var command in group.Commands) page.Entry(command.Name, CommandGroup.SummaryOf(command) + ".");
        }

        page.Section("OPTIONS");
        foreach (var option in new CommandOutline("", root, []).Options) page.Entry(NameOf(option), TextOf(option));
        page.Section("EXIT STATUS");
        foreach (var (code, text) in ExitStatus) page.Entry(code, text);
        page.Section("FILES");
        page.Entry("/etc/mailserver/config.yaml", "The configuration. All keys are described in /usr/share/doc/mailserver/config.example.yaml.");
        page.Entry("/var/lib/mailserver", "Accounts, mail and keys.");
        page.Section("SEE ALSO");
        page.Paragraph(string.Join(", ", groups.SelectMany(static g => g.Commands).Select(static c => $"{Program}-{c.Name}(1)")) + ", /usr/share/doc/mailserver/README.md");
        return page.ToString();
    }

    private string PageOf(Command top)
    {
        var page = new RoffText($"{Program}-{top.Name}", CommandGroup.SummaryOf(top));
        // The options of all commands are described in mailserver(1).
        var inherited = root.Options.Where(static o => o.Recursive).ToArray();
        var all = CommandOutline.All(top).Select(o => o with { Path = o.Path.Length == 0 ? top.Name : $"{top.Name} {o.Path}" }).ToArray();
        var runnable = all.Where(static o => o.Command.Action is not null).ToArray();
        page.Synopsis([.. runnable.Select(static o => SynopsisOf(o))]);
        page.Section("DESCRIPTION");
        page.Paragraph(top.Description ?? "");
        foreach (var outline in runnable)
        {
            if (outline.Command != top)
            {
                page.Section($"{Program} {outline.Path}");
                page.Paragraph(outline.Command.Description ?? "");
            }

            WriteDetails(page, outline);
        }

        page.Section("OPTIONS OF ALL COMMANDS");
        foreach (var option in inherited.Concat(root.Options.Where(static o => o.Name == "--help"))) page.Entry(NameOf(option), TextOf(option));
        page.Section("SEE ALSO");
        page.Paragraph($"{Program}(1)");
        return page.ToString();
    }

    private void WriteDetails(RoffText page, CommandOutline outline)
    {
        foreach (var argument in outline.Command.Arguments) page.Entry(argument.Name, argument.Description ?? "");
        foreach (var option in outline.Options.Where(static o => !o.Recursive)) page.Entry(NameOf(option), TextOf(option));
        if (examplesOf(outline.Command) is not { Count: > 0 } examples) return;
        page.Subsection("Examples");
        foreach (var example in examples) page.Example($"{Program} {example}");
    }

    private static string SynopsisOf(CommandOutline outline)
    {
        var text = new StringBuilder($"{Program} {outline.Path}");
        foreach (var argument in outline.Command.Arguments) text.Append(argument.Arity.MinimumNumberOfValues == 0 ? $" [{argument.Name}]" : $" {argument.Name}");
        foreach (var option in outline.Command.Options.Where(static o => o.Required)) text.Append($" {NameOf(option)}");
        return text.Append(" [OPTIONS]").ToString();
    }

    private static string NameOf(Option option) => string.Join(", ", CommandOutline.NamesOf(option)) + (option.HelpName is { } value ? $" {value}" : "");

    private static string TextOf(Option option)
    {
        var text = option.Description ?? "";
        return option.HelpName is not null && option.HasDefaultValue && option.GetDefaultValue() is { } value ? $"{text} Default: {value}." : text;
    }
}
