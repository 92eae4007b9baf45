using System.Security.Cryptography;
using System.Text;
using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary><c>duplicate</c> (RFC 7352). The mark is an action: it counts once the delivery has succeeded.</summary>
internal sealed class DuplicateTest(SieveText? handle, SieveText? header, SieveText? id, TimeSpan lifetime, bool extends) : SieveTest
{
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromDays(7);
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(60);

    public static SieveTest Check(SieveArguments arguments)
    {
        arguments.Checker.Needs |= SieveNeeds.Duplicates;
        var handle = arguments.TextTag("handle");
        var (header, id) = (arguments.TextTag("header"), arguments.TextTag("uniqueid"));
        if (header is not null && id is not null) arguments.Error("':header' and ':uniqueid' exclude each other");
        var seconds = arguments.NumberTag("seconds");
        var lifetime = seconds is { } given ? TimeSpan.FromSeconds(Math.Clamp(given, 1, (long)MaxLifetime.TotalSeconds)) : DefaultLifetime;
        return new DuplicateTest(handle, header, id, lifetime, arguments.Flag("last"));
    }

    public override bool Evaluate(SieveRun run)
    {
        var unique = id is null ? run.Header.First(header?.Expand(run) ?? "Message-ID")?.Text : id.Expand(run);
        if (unique is null) return false;
        var key = Key(handle?.Expand(run) ?? "", unique);
        var known = run.Facts.IsDuplicate(key);
        // Without ":last" the time counts from the first message.
        if ((!known || extends) && !run.Actions.Any(a => a is SieveMarkDuplicate mark && mark.Key == key)) run.Add(new SieveMarkDuplicate(key, lifetime));
        return known;
    }

    private static string Key(string handle, string unique) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{handle.Length}:{handle}{unique}")));
}
