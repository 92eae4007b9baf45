namespace MailServer.Architecture.Tests;

/// <summary>Says everything that was found, not its first five.</summary>
public static class Violations
{
    public static void AssertNone(IEnumerable<string> offences)
    {
        var all = offences.Order(StringComparer.Ordinal).ToList();
        Assert.True(all.Count == 0, string.Join('\n', all));
    }
}
