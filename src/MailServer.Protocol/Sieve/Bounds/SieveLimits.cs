namespace MailServer.Protocol.Sieve.Bounds;

/// <summary>The bounds of scripts and of their runs. Sizes of texts are in characters.</summary>
public sealed record SieveLimits
{
    /// <summary>The limits that apply unless the caller overrides them.</summary>
    public static SieveLimits Default { get; } = new();

    /// <summary>Maximum size of a script in octets.</summary>
    public int MaxScriptSize { get; init; } = 1024 * 1024;

    /// <summary>Maximum nesting of blocks and, counted apart, of tests (RFC 5228 §2.10.1 and §2.10.5 require 15).</summary>
    public int MaxNesting { get; init; } = 32;

    /// <summary>The errors of one script that are reported; checking stops after them.</summary>
    public int MaxErrors { get; init; } = 50;

    /// <summary>Maximum length of a variable's value (RFC 5229 §6 requires 4,000).</summary>
    public int MaxVariable { get; init; } = 4_000;

    /// <summary>Maximum number of variables (RFC 5229 §6 requires 128).</summary>
    public int MaxVariables { get; init; } = 256;

    /// <summary>Maximum length of a text after its variables are replaced.</summary>
    public int MaxText { get; init; } = 64 * 1024;

    /// <summary>Maximum length of a regular expression.</summary>
    public int MaxPattern { get; init; } = 4_096;

    /// <summary>Maximum number of states of a regular expression, with its repetitions multiplied out.</summary>
    public int MaxPatternStates { get; init; } = 10_000;

    /// <summary>Maximum number of actions of one run.</summary>
    public int MaxActions { get; init; } = 64;

    /// <summary>Maximum number of <c>redirect</c> actions of one run (RFC 5228 §4.2 requires a limit).</summary>
    public int MaxRedirects { get; init; } = 8;

    /// <summary>Maximum nesting of <c>include</c> (RFC 6609 §3.2).</summary>
    public int MaxIncludes { get; init; } = 10;

    /// <summary>Maximum number of octets of decoded body text that tests and <c>extracttext</c> see in one part.</summary>
    public int MaxPartText { get; init; } = 256 * 1024;

    /// <summary>Maximum number of header fields that a run sees.</summary>
    public int MaxHeaderFields { get; init; } = 2_000;

    /// <summary>Commands and tests that the scripts of one message may evaluate together.</summary>
    public int MaxSteps { get; init; } = 50_000;

    /// <summary>Octets that the scripts of one message may read, copy and compare together.</summary>
    public long MaxOctets { get; init; } = 16 * 1024 * 1024;
}
