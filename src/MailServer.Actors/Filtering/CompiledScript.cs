using System.Globalization;
using MailServer.Protocol.Sieve.Running;
using MailServer.Protocol.Sieve.Syntax;

namespace MailServer.Actors.Filtering;

/// <summary>A script that was read and checked.</summary>
/// <param name="Title">What people call it: its name, or which one of the server's scripts it is.</param>
/// <param name="Version">The beginning of the hash of its text.</param>
/// <param name="Program">The program; null if the script has errors or does not exist.</param>
/// <param name="Errors">Its errors.</param>
public sealed record CompiledScript(string Title, string Version, SieveProgram? Program, IReadOnlyList<SieveError> Errors)
{
    /// <summary>The first error as text; null without one.</summary>
    public string? Fault => Program is not null ? null : Errors is [var first, ..]
        ? string.Create(CultureInfo.InvariantCulture, $"the script '{Title}' has an error in line {first.Line}, column {first.Column}: {first.Message}")
        : $"the script '{Title}' is active and does not exist";
}
