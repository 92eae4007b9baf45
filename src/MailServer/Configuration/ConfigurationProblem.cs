using System.Globalization;

namespace MailServer.Configuration;

/// <summary>An error or a warning in the configuration, with its place.</summary>
/// <param name="Source">The file or the environment variable.</param>
/// <param name="Line">The line in the file, starting at 1; 0 if it has none.</param>
/// <param name="Key">The key, such as <c>server.smtp_port</c>; empty if it concerns none.</param>
/// <param name="Text">The problem, and what is allowed.</param>
public sealed record ConfigurationProblem(string Source, int Line, string Key, string Text)
{
    /// <summary>Whether the server starts in spite of it.</summary>
    public bool IsWarning { get; init; }

    public override string ToString()
    {
        var place = Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Source}:{Line}") : Source;
        var about = Key.Length > 0 ? $"{place}: {Key}" : place;
        return IsWarning ? $"{about}: warning: {Text}" : $"{about}: {Text}";
    }
}

/// <summary>The configuration is invalid. Contains all of its errors.</summary>
public sealed class ConfigurationException(IReadOnlyList<ConfigurationProblem> problems) : Exception(string.Join('\n', problems))
{
    public IReadOnlyList<ConfigurationProblem> Problems { get; } = problems;
}
