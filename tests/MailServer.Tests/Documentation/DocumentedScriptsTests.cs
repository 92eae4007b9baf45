using System.Text;
using System.Text.RegularExpressions;
using MailServer.Protocol.Sieve;
using MailServer.Protocol.Sieve.Bounds;

namespace MailServer.Tests.Documentation;

/// <summary>Every Sieve script in the documents is correct.</summary>
public sealed partial class DocumentedScriptsTests
{
    [Fact]
    public void Every_script_in_the_documents_compiles()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "MailServer.sln"))) folder = Path.GetDirectoryName(folder)!;
        var scripts = Directory.GetFiles(Path.Combine(folder, "docs"), "*.md").SelectMany(static f => Block().Matches(File.ReadAllText(f)).Select(static m => m.Groups["body"].Value)).ToArray();
        Assert.True(scripts.Length >= 5, "blocks have lost their mark");
        foreach (var script in scripts)
        {
            var errors = SieveScript.Compile(Encoding.UTF8.GetBytes(script), SieveLimits.Default).Errors;
            Assert.True(errors.Count == 0, $"{script}\n{string.Join('\n', errors)}");
        }
    }

    [GeneratedRegex("^```sieve\n(?<body>.*?)^```", RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Block();
}
