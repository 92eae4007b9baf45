using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Commands;

/// <summary><c>notify</c> (RFC 5435 §3) by mail (RFC 5436).</summary>
internal sealed class NotifyCommand(SieveText? from, int importance, SieveText? message, SieveText method, Func<SieveRun, SieveTarget>? copy) : SieveCommand
{
    public static SieveCommand Check(SieveArguments arguments)
    {
        var from = arguments.TextTag("from");
        var importance = arguments.ConstantTag("importance") ?? "2";
        if (importance is not ("1" or "2" or "3")) arguments.Error($"'{importance}' is not an importance", "use \"1\" (high), \"2\" or \"3\" (low)");
        arguments.ListTag("options");
        var message = arguments.TextTag("message");
        var copy = TargetArguments.ReadCopy(arguments);
        var method = arguments.Text("the URI of the method");
        if (method.Constant is { } uri && !MailtoUri.TryParse(uri, out _)) arguments.Error(arguments.OffsetOfLast, $"'{uri}' is not a method of notification", "use \"mailto:user@example.org\"");
        return new NotifyCommand(from, importance.Length == 1 ? importance[0] - '0' : 2, message, method, copy);
    }

    public override SieveFlow Run(SieveRun run)
    {
        var uri = method.Expand(run);
        if (!MailtoUri.TryParse(uri, out var mail)) throw new SieveFaultException($"'{uri}' is not a method of notification");
        if (IsNotification(run)) run.Remarks.Add("no notification: the message is one itself");
        else run.Add(new SieveNotify(mail, from?.Expand(run), message?.Expand(run), importance, copy?.Invoke(run)));
        return SieveFlow.Next;
    }

    // Two accounts that notify each other must not do so forever (RFC 5436 §2.7.1).
    private static bool IsNotification(SieveRun run) =>
        run.Header.Find("Auto-Submitted").Any(static f => f.Text.StartsWith("auto-notified", StringComparison.OrdinalIgnoreCase));
}
