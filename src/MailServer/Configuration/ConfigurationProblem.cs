using System.Globalization;

namespace MailServer.Configuration;

/// <summary>One thing that is wrong with a configuration, and where.</summary>
/// <param name="Source">The file, or the environment variable.</param>
/// <param name="Line">In the file, from 1; 0 when it is about no line.</param>
/// <param name="Key">As in <c>server.smtp_port</c>; empty when it is about no key.</param>
/// <param name="Text">What is wrong and what is allowed.</param>
public sealed record ConfigurationProblem(string Source, int Line, string Key, string Text)
{
    /// <summary>The server starts all the same.</summary>
    public bool IsWarning { get; init; }

    public override string ToString()
    {
        var place = Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Source}:{Line}") : Source;
        var about = Key.Length > 0 ? $"{place}: {Key}" : place;
        return IsWarning ? $"{about}: warning: {Text}" : $"{about}: {Text}";
    }
}

/// <summary>A configuration that cannot be used, with everything that is wrong with it.</summary>
public sealed class ConfigurationException(IReadOnlyList<ConfigurationProblem> problems) : Exception(string.Join('\n', problems))
{
    public IReadOnlyList<ConfigurationProblem> Problems { get; } = problems;
}
