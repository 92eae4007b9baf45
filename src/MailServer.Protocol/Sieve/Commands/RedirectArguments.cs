using System.Globalization;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Commands;

/// <summary>The arguments of <c>redirect</c> about notifications and time limits (RFC 6009 §5 and §6). Their values are constants.</summary>
internal static class RedirectArguments
{
    private const string Dsn = "redirect-dsn";
    private const string By = "redirect-deliverby";
    private const long LongestTime = 999_999_999;

    public static SieveRedirectOptions Read(SieveArguments arguments)
    {
        var options = new SieveRedirectOptions
        {
            Notify = NotifyOf(arguments, arguments.ConstantTag("notify", Dsn)),
            Return = ReturnOf(arguments, arguments.ConstantTag("ret", Dsn)),
            Within = WithinOf(arguments, arguments.NumberTag("bytimerelative", By)),
            Until = UntilOf(arguments, arguments.ConstantTag("bytimeabsolute", By)),
            IsTraced = arguments.Flag("bytrace", By),
        };
        var mode = arguments.ConstantTag("bymode", By);
        options = options with { IsReturned = IsReturn(arguments, mode) };
        if (options.Within is not null && options.Until is not null) arguments.Error("':bytimerelative' and ':bytimeabsolute' exclude each other");
        if (options.Within is null && options.Until is null && (mode is not null || options.IsTraced)) arguments.Error("':bymode' and ':bytrace' need a time", "add :bytimerelative or :bytimeabsolute");
        if (options is { IsReturned: true, Within.Ticks: 0 }) arguments.Error("a message cannot be returned after 0 seconds", "use a longer time, or :bymode \"NOTIFY\"");
        return options;
    }

    private static DsnNotify NotifyOf(SieveArguments arguments, string? value)
    {
        if (value is null) return DsnNotify.Unspecified;
        var notify = DsnNotify.Never;
        if (value.Equals("NEVER", StringComparison.OrdinalIgnoreCase)) return notify;
        foreach (var word in value.Split(','))
        {
            DsnNotify? one = word.ToUpperInvariant() switch { "SUCCESS" => DsnNotify.Success, "FAILURE" => DsnNotify.Failure, "DELAY" => DsnNotify.Delay, _ => null };
            if (one is null) arguments.Error($"'{value}' does not say what is reported", "use \"NEVER\", or some of \"SUCCESS,FAILURE,DELAY\"");
            notify |= one ?? 0;
        }

        return notify;
    }

    private static DsnReturn ReturnOf(SieveArguments arguments, string? value)
    {
        DsnReturn? found = value?.ToUpperInvariant() switch { null => DsnReturn.Unspecified, "FULL" => DsnReturn.Full, "HDRS" => DsnReturn.Headers, _ => null };
        if (found is null) arguments.Error($"':ret' does not know '{value}'", "use \"FULL\" or \"HDRS\"");
        return found ?? DsnReturn.Unspecified;
    }

    private static TimeSpan? WithinOf(SieveArguments arguments, long? seconds)
    {
        if (seconds is null) return null;
        if (seconds > LongestTime) arguments.Error($"':bytimerelative' takes at most {LongestTime} seconds");
        return TimeSpan.FromSeconds(Math.Min(seconds.Value, LongestTime));
    }

    private static DateTimeOffset? UntilOf(SieveArguments arguments, string? value)
    {
        if (value is null) return null;
        string[] forms = ["yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss'Z'"];
        if (DateTimeOffset.TryParseExact(value, forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return time;
        arguments.Error($"'{value}' is not a time", "write it as 2026-12-24T18:00:00+01:00");
        return null;
    }

    private static bool IsReturn(SieveArguments arguments, string? mode)
    {
        if (mode is null || mode.Equals("NOTIFY", StringComparison.OrdinalIgnoreCase)) return false;
        if (!mode.Equals("RETURN", StringComparison.OrdinalIgnoreCase)) arguments.Error($"':bymode' does not know '{mode}'", "use \"NOTIFY\" or \"RETURN\"");
        return true;
    }
}
