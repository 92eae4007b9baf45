using System.Reflection;

namespace MailServer.Common;

/// <summary>The version and commit of this program.</summary>
internal static class BuildVersion
{
    private const string CommitKey = "Commit";

    /// <summary>The version of the package: <c>0.1.0</c>, or <c>0.1.0+git377.fbd5ea0</c> with the number of commits since then.</summary>
    public static string Version { get; } =
        typeof(BuildVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The commit that it was built from; null if unknown.</summary>
    public static string? Commit { get; } =
        typeof(BuildVersion).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(static a => a.Key == CommitKey)?.Value;
}
