using System.Buffers;
using System.IO.Pipelines;
using Akka.Actor;
using MailServer.Domain;
using MailServer.Domain.Measurements;
using MailServer.Domain.Messages;
using MailServer.Domain.Sessions;
using MailServer.Network.Listeners;
using MailServer.Protocol.Observation;

namespace MailServer.Actors.Sessions;

/// <summary>
/// The part of a session that all protocols share: moves data between the connection and a pure protocol session, performs one effect at a time, and keeps
/// the order. It reads on only when all input is consumed and all output is flushed: a client that does not read blocks only its own session, and is
/// disconnected after <see cref="Limits.WriteTimeout"/>.
/// </summary>
internal abstract partial class SessionActor : UntypedActor, ISessionObserver
{
    private const int FlushThreshold = 64 * 1024;
    private const int SmallContent = 32 * 1024;
    private const int CopyBlock = 64 * 1024;

    /// <summary>A client that pauses for longer is idle.</summary>
    private static readonly TimeSpan MemoryKept = TimeSpan.FromSeconds(10);


    private ReadOnlySequence<byte> _input;
    private bool _holdsInput;
    private bool _inputEnded;
    private bool _reading;
    private bool _flushing;
    private bool _waiting;
    private AfterFlush _afterFlush;
    private long _flushStarted;
    private long _lastInput;
    private string? _ending;
    private long _endingSince;

    protected SessionActor(SessionProtocol.Start start, SessionServices services)
    {
        Connection = start.Connection;
        Services = services;
        StartedAt = SignedOutAt = _lastInput = services.Time.GetTimestamp();
        ServerMetrics.Sessions.Add(1, KindTag);
    }

    private enum AfterFlush
    {
        Nothing,
        Read,
        Advance,
        Close,
    }

    /// <summary>The result of an effect.</summary>
    protected enum Step
    {
        /// <summary>Continue with the session.</summary>
        Continue,

        /// <summary>All input is consumed.</summary>
        NeedInput,

        /// <summary>The answer arrives as a message, after which <see cref="Resume"/> is called.</summary>
        Wait,

        /// <summary>Continue when the output has been flushed.</summary>
        Flush,

        /// <summary>Flush the output and close the connection.</summary>
        Close,
    }

    protected Connection Connection { get; }

    protected SessionServices Services { get; }

    protected OutputBuffer Output { get; } = new();

    protected long StartedAt { get; }

    protected TimeSpan SinceInput => Services.Time.GetElapsedTime(_lastInput);

    /// <summary>True when the session is idle and waits for its client.</summary>
    protected bool AwaitsClient => _reading;

    protected abstract void Greet();

    /// <summary>Runs one step of the protocol session on <paramref name="input"/>, and performs its effect.</summary>
    protected abstract Step Advance(ref ReadOnlySequence<byte> input);

    protected abstract void OnTlsStarted(TlsInfo tls);

    /// <summary>Whether <see cref="Advance"/> has something to do without input.</summary>
    protected virtual bool HasWork => false;

    /// <summary>Handles a message that is specific to the protocol; false when it is unknown.</summary>
    protected abstract bool OnMessage(object message);

    protected abstract void OnTick();

    /// <summary>Writes the protocol's closing message.</summary>
    protected abstract void WriteGoodbye(string reason);

    protected override void PreStart()
    {
        Greet();
        Resume();
    }

    /// <summary>The listener closes the connection when the registry observes the termination; pending output is then lost.</summary>
    protected override void PostStop()
    {
        if (_flushing) Connection.Abort();
        DropMessage();
        Output.Dispose();
        ServerMetrics.Sessions.Add(-1, KindTag);
    }

    protected override void OnReceive(object message)
    {
        if (message is not SessionProtocol.Tick) ResumeTicks();
        switch (message)
        {
            case InputRead read:
                _reading = false;
                // A request made while the client was idle is answered first.
                if (Accept(read.Result) && !_waiting && !(_flushing && _afterFlush == AfterFlush.Advance)) Resume();
                break;
            case Flushed:
                OnFlushed();
                break;
            case CompressionStarted:
                Resume();
                break;
            case TlsEstablished up:
                OnTlsStarted(up.Tls);
                Resume();
                break;
            case WaitCompleted over:
                OnWaitOver(over);
                break;
            case SessionProtocol.Tick:
                Tick();
                break;
            case SessionProtocol.Describe or SessionProtocol.Tail or Terminated when OnInspection(message):
                break;
            case SessionProtocol.End end:
                if (_ending is null) _endingSince = Services.Time.GetTimestamp();
                _ending = end.Reason;
                // A pending effect is finished first: its reply may be an acknowledgement.
                if (AwaitsClient) EndWith(end.Reason);
                break;
            case ConnectionLost or Status.Failure:
                Context.Stop(Self);
                break;
            default:
                if (!OnMessage(message)) Unhandled(message);
                break;
        }
    }

    /// <summary>Runs the session until it has to wait.</summary>
    protected void Resume()
    {
        _waiting = false;
        while (true)
        {
            switch (Advance(ref _input))
            {
                case Step.Continue:
                    continue;
                case Step.Wait:
                    BeginWait();
                    return;
                case Step.Flush:
                    if (Output.Count < FlushThreshold || Flush(AfterFlush.Advance)) continue;
                    return;
                case Step.Close:
                    ReleaseInput();
                    if (Flush(AfterFlush.Close)) Context.Stop(Self);
                    return;
                default:
                    ReleaseInput();
                    if (_ending is not null)
                    {
                        EndWith(_ending);
                    }
                    else if (_inputEnded)
                    {
                        // The client has closed its side: an incomplete command is discarded.
                        if (Flush(AfterFlush.Close)) Context.Stop(Self);
                    }
                    else if (Flush(AfterFlush.Read) && Read())
                    {
                        continue;
                    }

                    return;
            }
        }
    }

    /// <summary>Runs the session if it is idle, because it may have a request of its own.</summary>
    protected void ResumeIfIdle()
    {
        // A client that does not read is told later, what has happened until then in one report.
        if (!_waiting && !_flushing && _reading) Resume();
    }

    /// <summary>Flushes unsolicited output (a push) without affecting the pending effect.</summary>
    protected void FlushSoon()
    {
        if (Output.Count > Services.Limits.WriteBacklog)
        {
            Connection.Abort();
            Context.Stop(Self);
        }
        else
        {
            Flush(_afterFlush);
        }
    }

    /// <summary>Writes the closing message and stops after the flush.</summary>
    protected void EndWith(string reason)
    {
        WriteGoodbye(reason);
        if (Flush(AfterFlush.Close)) Context.Stop(Self);
    }

    /// <summary>Sends part of a message: small parts with the surrounding output, large ones in blocks at the client's speed.</summary>
    protected Step Send(MessageContent content, long offset, long count)
    {
        if (count <= SmallContent)
        {
            var span = Output.GetSpan((int)count);
            var read = 0;
            try
            {
                while (read < count && content.Read(offset + read, span[read..(int)count]) is > 0 and var n) read += n;
            }
            catch (IOException)
            {
                // The response has begun: only closing the connection can end it.
                return Step.Close;
            }

            // The size of the literal was already announced: if the file has shrunk since, the rest is padded with spaces.
            span[read..(int)count].Fill((byte)' ');
            Output.Advance((int)count);
            return Step.Continue;
        }

        if (_flushing) throw new InvalidOperationException("a session sends content only when its last flush has ended");
        _flushing = true;
        _afterFlush = AfterFlush.Advance;
        DrainOutput();
        CountContent(count);
        Volatile.Write(ref _flushStarted, Services.Time.GetTimestamp());
        CopyAsync(content, offset, count).PipeTo(Self, success: () => Flushed.Instance, failure: _ => ConnectionLost.Instance);
        return Step.Wait;
    }

    private async Task CopyAsync(MessageContent content, long offset, long count)
    {
        while (count > 0)
        {
            var block = Connection.Output.GetMemory(CopyBlock)[..(int)Math.Min(count, CopyBlock)];
            var read = content.Read(offset, block.Span);
            if (read == 0)
            {
                block.Span.Fill((byte)' ');
                read = block.Length;
            }

            Connection.Output.Advance(read);
            offset += read;
            count -= read;
            if ((await Connection.Output.FlushAsync()).IsCompleted) throw new IOException("the client closed the connection");
            Volatile.Write(ref _flushStarted, Services.Time.GetTimestamp());
        }
    }

    private bool Read()
    {
        if (_reading) return false;
        var pending = Connection.Input.ReadAsync();
        if (pending.IsCompletedSuccessfully) return Accept(pending.Result);
        _reading = true;
        pending.AsTask().PipeTo(Self, success: static result => new InputRead(result), failure: static _ => ConnectionLost.Instance);
        return false;
    }

    private bool Accept(ReadResult result)
    {
        _input = result.Buffer;
        _inputLength = _input.Length;
        _holdsInput = true;
        _inputEnded = result.IsCompleted;
        _lastInput = Services.Time.GetTimestamp();
        if (!result.IsCanceled && !(result.IsCompleted && _input.IsEmpty)) return true;
        Context.Stop(Self);
        return false;
    }

    private void ReleaseInput()
    {
        if (!_holdsInput) return;
        CountInput();
        Connection.Input.AdvanceTo(_input.Start, _input.End);
        _holdsInput = false;
        _input = default;
    }

    /// <summary>True when everything is flushed immediately; otherwise <paramref name="then"/> is performed after the flush.</summary>
    private bool Flush(AfterFlush then)
    {
        if (_flushing)
        {
            _afterFlush = then;
            return false;
        }

        if (Output.Count == 0) return true;
        DrainOutput();
        var pending = Connection.Output.FlushAsync();
        if (pending.IsCompletedSuccessfully) return true;
        _flushing = true;
        _afterFlush = then;
        _flushStarted = Services.Time.GetTimestamp();
        pending.AsTask().PipeTo(Self, success: static _ => Flushed.Instance, failure: static _ => ConnectionLost.Instance);
        return false;
    }

    private void OnFlushed()
    {
        _flushing = false;
        if (_compressesNext)
        {
            Compress();
            return;
        }

        var then = _afterFlush;
        _afterFlush = AfterFlush.Nothing;
        if (!Flush(then)) return;
        switch (then)
        {
            case AfterFlush.Read:
                if (Read() || HasWork) Resume();
                break;
            case AfterFlush.Nothing when HasWork:
                ResumeIfIdle();
                break;
            case AfterFlush.Advance:
                Resume();
                break;
            case AfterFlush.Close:
                Context.Stop(Self);
                break;
        }
    }

    private void Tick()
    {
        if (_flushing && Services.Time.GetElapsedTime(Volatile.Read(ref _flushStarted)) > Services.Limits.WriteTimeout)
        {
            Connection.Abort();
            Context.Stop(Self);
        }
        else if (IsOverdue)
        {
            EndWait();
        }
        else
        {
            OnTick();
            if (_reading && !_flushing && SinceInput > MemoryKept) Connection.ReleaseIdleMemory();
            PauseTicks();
        }
    }

    private sealed record InputRead(ReadResult Result) : INoSerializationVerificationNeeded;

    private sealed record Flushed : INoSerializationVerificationNeeded
    {
        public static Flushed Instance { get; } = new();
    }

    private sealed record ConnectionLost : INoSerializationVerificationNeeded
    {
        public static ConnectionLost Instance { get; } = new();
    }
}
