using System.CommandLine;

namespace MailServer.Commands;

/// <summary>Top-level commands under one heading of <c>mailserver --help</c>.</summary>
internal sealed record CommandGroup(string Title, IReadOnlyList<Command> Commands)
{
    /// <summary>The first sentence of a command's description, without its full stop: its line in the overview and in the manual page.</summary>
    public static string SummaryOf(Command command)
    {
        var text = command.Description ?? "";
        var end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? text.TrimEnd('.') : text[..end];
    }
}
