using System.Collections.Concurrent;
using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace MailServer.TestSupport;

/// <summary>
/// Removes what all tests of an assembly share, after the last of them. A handler of the end of the process would be too late: the runner kills the process that soon.
/// </summary>
public static class RunCleanup
{
    private static readonly ConcurrentStack<Action> Actions = new();

    public static void Add(Action action) => Actions.Push(action);

    internal static void Run()
    {
        while (Actions.TryPop(out var action)) action();
    }
}

/// <summary>The framework of xunit, followed by <see cref="RunCleanup"/>. xunit 2 has no fixture of an assembly.</summary>
public sealed class CleaningTestFramework(IMessageSink messages) : XunitTestFramework(messages)
{
    protected override ITestFrameworkExecutor CreateExecutor(AssemblyName assemblyName) => new Executor(assemblyName, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Executor(AssemblyName assembly, ISourceInformationProvider sources, IMessageSink messages) : XunitTestFrameworkExecutor(assembly, sources, messages)
    {
        protected override void RunTestCases(IEnumerable<IXunitTestCase> testCases, IMessageSink executionMessageSink, ITestFrameworkExecutionOptions executionOptions) =>
            _ = RunAsync(testCases, executionMessageSink, executionOptions);

        private async Task RunAsync(IEnumerable<IXunitTestCase> cases, IMessageSink results, ITestFrameworkExecutionOptions options)
        {
            using var runner = new Runner(TestAssembly, cases, DiagnosticMessageSink, results, options);
            await runner.RunAsync();
        }
    }

    private sealed class Runner(ITestAssembly assembly, IEnumerable<IXunitTestCase> cases, IMessageSink messages, IMessageSink results, ITestFrameworkExecutionOptions options)
        : XunitTestAssemblyRunner(assembly, cases, messages, results, options)
    {
        protected override async Task BeforeTestAssemblyFinishedAsync()
        {
            await base.BeforeTestAssemblyFinishedAsync();
            Aggregator.Run(RunCleanup.Run);
        }
    }
}
