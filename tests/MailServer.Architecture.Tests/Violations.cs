namespace MailServer.Architecture.Tests;

/// <summary>Assertions that print every violation, not just the first five.</summary>
public static class Violations
{
    public static void AssertNone(IEnumerable<string> offences)
    {
        var all = offences.Order(StringComparer.Ordinal).ToList();
        Assert.True(all.Count == 0, string.Join('\n', all));
    }
}
