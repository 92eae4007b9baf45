using MailServer.Actors.Filtering;
using MailServer.Common;
using MailServer.Domain;
using MailServer.Protocol.Sieve;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Storage.Scripts;

namespace MailServer.Configuration;

/// <summary>The scripts that the configuration names.</summary>
internal static class SieveFiles
{
    /// <summary>The folder of the domains' scripts in the data directory.</summary>
    private const string DomainsFolder = "sieve";

    /// <summary>The scripts of the administrator, of which those of domains are read when they are used.</summary>
    public static ServerScripts Open(MailServerOptions options) => new(options.Sieve.SendsPerHour)
    {
        Domains = domain => ScriptFolder.OfDomain(Path.Combine(options.Storage.DataDir, DomainsFolder), domain, Limits.Default),
    };

    /// <summary>Reads both scripts. At a reload a script with errors, or one that cannot be read, changes nothing.</summary>
    /// <returns>The errors, each with its file.</returns>
    public static IReadOnlyList<string> Load(SieveOptions options, ServerScripts scripts)
    {
        var faults = new List<string>();
        foreach (var path in new[] { options.Before, options.After })
            if (path is not null && FindFault(path) is { } fault) faults.Add($"{path}: {fault}");
        if (faults.Count == 0) scripts.Set(Read(options.Before), Read(options.After));
        return faults;
    }

    /// <summary>Why a script cannot be used: its first error, with line and column; null if it can.</summary>
    public static string? FindFault(string path)
    {
        try
        {
            var errors = SieveScript.Compile(NamedFile.ReadAll(path, SieveLimits.Default.MaxScriptSize), SieveLimits.Default).Errors;
            return errors is [var first, ..] ? $"the script has an error at {first}" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read: {e.Message}";
        }
    }

    private static ReadOnlyMemory<byte>? Read(string? path) => path is null ? (ReadOnlyMemory<byte>?)null : NamedFile.ReadAll(path, SieveLimits.Default.MaxScriptSize);
}
