using System.Reflection;

namespace MailServer.Common;

/// <summary>The version of this program and what it was built from.</summary>
internal static class BuildVersion
{
    private const string CommitKey = "Commit";

    /// <summary>As its package has it: <c>0.1.0</c>, or <c>0.1.0+git377.fbd5ea0</c> with the number of commits since.</summary>
    public static string Version { get; } =
        typeof(BuildVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>What it was built from; null where that was not known.</summary>
    public static string? Commit { get; } =
        typeof(BuildVersion).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(static a => a.Key == CommitKey)?.Value;
}
