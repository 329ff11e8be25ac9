using System.CommandLine;
using System.CommandLine.Invocation;
using Engine.Core;
using Engine.Examples;
using Engine.Kernels;
using Engine.Layers;

var root = new RootCommand("Examples of the engine: one command each.")
{
    Cnn.Command(), LstmExample.Command(), BilstmExample.Command(), TextCnnExample.Command(), Word2VecExample.Command(), Seq2SeqExample.Command(), CharRnnExample.Command(), Strips.Command(), TransformerImdbExample.Command(), TranslateExample.Command(), BertPretrainExample.Command(), BertFinetuneExample.Command(), BertFillExample.Command(), GptExample.Command(),
    Watch.Command(), Weights.Command(), Devices.Command(),
};
try
{
    var parsed = root.Parse(args);
    if (parsed.Action is ParseErrorAction error) error.ShowHelp = args.Length == 0;
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(5) });
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Stopped.");
    return 130;                                                     // 128 + SIGINT, as shells have it
}
catch (Exception e) when (e is UserException or NonFiniteLossException or SequenceException or DataLoadException or DeviceException or IOException or UnauthorizedAccessException
    or CallbackException { InnerException: IOException or UnauthorizedAccessException })
{
    Console.Error.WriteLine($"error: {e.Message.ReplaceLineEndings(" ")}");
    return 1;
}
