using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Reading;

namespace MailServer.Protocol.Sieve.Running;

/// <summary>The kinds of facts that a script may ask for, so that the caller loads no others.</summary>
[Flags]
public enum SieveNeeds
{
    None = 0,
    Mailboxes = 1,
    Metadata = 2,
    Lists = 4,
    Duplicates = 8,
    Spam = 16,
    Virus = 32,
    Vacation = 64,
}

/// <summary>A script that another one includes.</summary>
public sealed record SieveInclude(bool IsGlobal, string Name, bool IsOptional);

/// <summary>A checked script. It is immutable and can be run by several threads at once.</summary>
public sealed class SieveProgram
{
    private readonly string _source;
    private readonly Lazy<int[]> _lineStarts;

    internal SieveProgram(string source, IReadOnlyList<SieveCommand> commands, IReadOnlyCollection<string> extensions, SieveNeeds needs, IReadOnlyList<SieveInclude> includes)
    {
        _source = source;
        _lineStarts = new Lazy<int[]>(FindLines);
        Commands = commands;
        Extensions = extensions;
        Needs = needs;
        Includes = includes;
    }

    /// <summary>The extensions that the script requires.</summary>
    public IReadOnlyCollection<string> Extensions { get; }

    /// <summary>What the script itself may ask for; its includes have needs of their own.</summary>
    public SieveNeeds Needs { get; }

    /// <summary>The scripts that it includes.</summary>
    public IReadOnlyList<SieveInclude> Includes { get; }

    internal IReadOnlyList<SieveCommand> Commands { get; }

    /// <summary>Runs the script.</summary>
    /// <param name="message">The message.</param>
    /// <param name="facts">What the script can ask.</param>
    /// <param name="budget">What all scripts of this message may spend together.</param>
    /// <param name="limits">The bounds of the run.</param>
    /// <param name="traces">Whether each test and action is recorded.</param>
    public SieveOutcome Run(SieveMessage message, SieveFacts facts, SieveBudget budget, SieveLimits limits, bool traces = false)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(facts);
        return new SieveRun(message, facts, budget, limits, traces).Execute(this);
    }

    internal int LineOf(int offset)
    {
        var found = Array.BinarySearch(_lineStarts.Value, offset);
        return found >= 0 ? found + 1 : ~found;
    }

    private int[] FindLines()
    {
        var starts = new List<int> { 0 };
        for (var at = _source.IndexOf('\n', StringComparison.Ordinal); at >= 0; at = _source.IndexOf('\n', at + 1)) starts.Add(at + 1);
        return [.. starts];
    }
}

/// <summary>What follows a command.</summary>
internal enum SieveFlow
{
    Next,
    /// <summary>The run ends (RFC 5228 §3.3).</summary>
    Stop,
    /// <summary>The included script ends (RFC 6609 §3.3).</summary>
    Return,
    /// <summary>A loop ends (RFC 5703 §3.2); its name is in <see cref="SieveRun.BreaksOutOf"/>.</summary>
    Break,
}

/// <summary>A checked command.</summary>
internal abstract class SieveCommand
{
    public string Name { get; set; } = "";

    public int Offset { get; set; }

    public abstract SieveFlow Run(SieveRun run);
}

/// <summary>A checked test.</summary>
internal abstract class SieveTest
{
    public string Name { get; set; } = "";

    public int Offset { get; set; }

    public abstract bool Evaluate(SieveRun run);
}
