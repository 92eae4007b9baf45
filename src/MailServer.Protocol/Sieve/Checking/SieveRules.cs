using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Checking;

/// <summary>A test that scripts can use.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Extensions">One of these must be required; none for the base language.</param>
/// <param name="Check">Checks the arguments and makes the test.</param>
internal sealed record TestRule(string Name, IReadOnlyList<string> Extensions, Func<SieveArguments, SieveTest> Check);

/// <summary>A command that scripts can use.</summary>
internal sealed record CommandRule(string Name, IReadOnlyList<string> Extensions, Func<SieveArguments, SieveCommand> Check);

/// <summary>All tests and commands by their names.</summary>
internal sealed class SieveVocabulary(IEnumerable<TestRule> tests, IEnumerable<CommandRule> commands)
{
    public IReadOnlyDictionary<string, TestRule> Tests { get; } = tests.ToDictionary(static t => t.Name, StringComparer.OrdinalIgnoreCase);

    public IReadOnlyDictionary<string, CommandRule> Commands { get; } = commands.ToDictionary(static c => c.Name, StringComparer.OrdinalIgnoreCase);
}
