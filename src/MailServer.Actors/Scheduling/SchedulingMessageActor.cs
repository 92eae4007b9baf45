using System.Globalization;
using System.Net;
using Akka.Actor;
using MailServer.Actors.Collections;
using MailServer.Actors.Common;
using MailServer.Actors.Submission;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Domain.Delivery;
using MailServer.Domain.Timing;
using MailServer.Protocol.Scheduling;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Scheduling;

/// <summary>Delivers one scheduling message to its recipient, to a local account's calendars or by mail, and retries until it succeeds or fails permanently.</summary>
internal sealed partial class SchedulingMessageActor : UntypedActor, IWithTimers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromDays(2);
    private const int MostFailures = 60;

    private readonly AccountId _account;
    private readonly SchedulingMessage _message;
    private readonly CollectionServices _services;
    private readonly ILogger _log;
    private readonly HashSet<AccountId> _waiting = [];
    private string _status = ScheduleStatus.Delivered;
    private readonly ExponentialBackoff _backOff = new(FirstWait, LongestWait);

    public SchedulingMessageActor(AccountId account, SchedulingMessage message, CollectionServices services)
    {
        (_account, _message, _services) = (account, message, services);
        _log = services.Loggers.CreateLogger<SchedulingMessageActor>();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(AccountId account, SchedulingMessage message, CollectionServices services) =>
        ActorFactory.Props(() => new SchedulingMessageActor(account, message, services)).WithDispatcher("storage-dispatcher");

    protected override void PreStart() => Attempt();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case RetryTick:
                Attempt();
                break;
            case Route route:
                Send(route);
                break;
            case CollectionProtocol.SchedulingReceived received:
                OnReceived(received);
                break;
            case SmtpReply reply:
                OnMailed(reply);
                break;
            case ReceiveTimeout:
                Retry("no answer");
                break;
            case Status.Failure failure:
                Retry(failure.Cause.Message);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Attempt()
    {
        Context.SetReceiveTimeout(Patience);
        FindRouteAsync().AsTask().PipeTo(Self);
    }

    private async ValueTask<Route> FindRouteAsync()
    {
        var sender = await _services.Directory.FindAccountAsync(_account, default);
        var accounts = new HashSet<AccountId>();
        var known = await FindAccountsAsync(_message.Recipient, 0, accounts);
        return new Route(sender, known is null ? [] : accounts, known is null || accounts.Count > 0);
    }

    /// <summary>True when all targets of the address are local, false when it has none, null when some are on other hosts: mail then reaches all of them.</summary>
    private async ValueTask<bool?> FindAccountsAsync(EmailAddress address, int depth, HashSet<AccountId> accounts)
    {
        if (depth > _services.Limits.AliasDepth) return false;
        switch (await _services.Directory.ResolveAsync(address, default))
        {
            case RecipientResolution.Local local:
                accounts.Add(local.Account);
                return true;
            case RecipientResolution.Alias alias:
                foreach (var target in alias.Targets)
                    if (await FindAccountsAsync(target, depth + 1, accounts) is null) return null;
                return true;
            case RecipientResolution.Remote or RecipientResolution.List:
                return null;
            default:
                return false;
        }
    }

    private void Send(Route route)
    {
        if (route.Sender is not { } sender)
        {
            End(ScheduleStatus.NoService);
        }
        else if (!route.IsKnown)
        {
            End(ScheduleStatus.InvalidUser);
        }
        else if (route.Accounts.Count == 0)
        {
            TryMail(sender);
        }
        else
        {
            _waiting.Clear();
            _waiting.UnionWith(route.Accounts.Where(a => a != _account));
            if (_waiting.Count == 0) End(ScheduleStatus.Delivered);
            var key = string.Create(CultureInfo.InvariantCulture, $"{_account}-{_message.Id}-{_message.Created.ToUnixTimeSeconds()}");
            foreach (var account in _waiting) _services.Region.Tell(new CollectionProtocol.ReceiveScheduling(account, _message.Sender, _message.Body, key), Self);
        }
    }

    private void TryMail(Account sender)
    {
        try
        {
            Mail(sender);
        }
        catch (FormatException)
        {
            End(ScheduleStatus.NoService);
        }
        catch (Exception e)
        {
            Retry(e.Message);
        }
    }

    private void Mail(Account sender)
    {
        var content = _services.Spool.Begin();
        InvitationMail.Write(content, _message.ToItip(), content.Id.Value, _services.Time.GetLocalNow());
        var transaction = new MailTransaction
        {
            SessionId = string.Create(CultureInfo.InvariantCulture, $"calendar-{_account}-{_message.Id}"),
            Policy = SessionPolicy.Submission,
            RemoteAddress = IPAddress.Loopback,
            HeloName = _services.Hostname,
            UsesEhlo = true,
            Tls = null,
            Account = sender,
            Sender = _message.Sender,
            SmtpUtf8 = !System.Text.Ascii.IsValid(_message.Sender.ToString() + _message.Recipient),
            EightBit = true,
            Recipients = [_message.Recipient],
        };
        _services.Router.Tell(new DeliveryProtocol.Accept(transaction, content), Self);
    }

    private void OnReceived(CollectionProtocol.SchedulingReceived received)
    {
        if (!_waiting.Contains(received.Account)) return;
        if (received.Status is not { } status)
        {
            Retry("the recipient's calendars are not available");
            return;
        }

        _waiting.Remove(received.Account);
        if (status != ScheduleStatus.Delivered) _status = status;
        if (_waiting.Count == 0) End(_status);
    }

    private void OnMailed(SmtpReply reply)
    {
        if (reply.IsPositive) End(ScheduleStatus.Sent);
        else if (reply.IsTransient) Retry(reply.ToString());
        else End(reply.EnhancedCode.StartsWith("5.1", StringComparison.Ordinal) ? ScheduleStatus.InvalidUser : ScheduleStatus.NoService);
    }

    private void Retry(string reason)
    {
        Context.SetReceiveTimeout(null);
        _waiting.Clear();
        // The number of attempts also limits retries, because the clock may be wrong.
        if (_services.Time.GetUtcNow() - _message.Created > GiveUpAfter || _backOff.Failures >= MostFailures)
        {
            End(ScheduleStatus.NoService);
            return;
        }

        LogDelayed(_message.Id, _account, reason);
        Context.Parent.Tell(new SchedulingProtocol.MessageDelayed(_message.Id));
        Timers.StartSingleTimer(nameof(RetryTick), RetryTick.Instance, _backOff.Next());
    }

    private void End(string status)
    {
        LogEnded(_message.Id, _account, _message.Method, status);
        Context.Parent.Tell(new SchedulingProtocol.MessageFinished(_message.Id, status));
        Context.Stop(Self);
    }

    /// <param name="Sender">The account; null when it was removed.</param>
    /// <param name="Accounts">The local recipients; empty for delivery by mail.</param>
    /// <param name="IsKnown">Whether the address has any target.</param>
    private sealed record Route(Account? Sender, IReadOnlyCollection<AccountId> Accounts, bool IsKnown) : INoSerializationVerificationNeeded;

    private sealed record RetryTick
    {
        public static RetryTick Instance { get; } = new();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Scheduling message {Message} of account {Account} ({Method}) finished: {Status}")]
    private partial void LogEnded(long message, AccountId account, string method, string status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Scheduling message {Message} of account {Account} deferred: {Reason}")]
    private partial void LogDelayed(long message, AccountId account, string reason);
}
