using System.CommandLine;

namespace Engine.Examples;

/// <summary>The options that every example has which trains a model, each with what it is unless given.</summary>
internal sealed class RunOptions(int epochs, int batch, double learningRate)
{
    private readonly Option<string> device = new("--device") { Description = "cpu, reference, cuda:0, opencl:0 or emulated", DefaultValueFactory = _ => "cpu" };
    private readonly Option<int> threads = Number("--threads", "Threads of the cpu; one for each core unless given", least: 1);
    private readonly Option<int> limit = Number("--limit", "Use only so many training and so many test examples; all unless given", least: 1);
    private readonly Option<int> epochs = Number("--epochs", "Times to go through the training examples", least: 1, epochs);
    private readonly Option<int> batch = Number("--batch", "Examples in a training step", least: 1, batch);
    private readonly Option<ulong> seed = new("--seed") { Description = "Draws the first weights and the order of the examples", DefaultValueFactory = _ => 1 };
    private readonly Option<double> rate = Real("--learning-rate", "The optimizer's step", learningRate);
    private readonly Option<string?> checkpoints = new("--checkpoints") { Description = "A folder: saves there every 200 steps, and goes on from what it finds" };
    private readonly Option<string?> folder = new("--out") { Description = "The folder for the log and the pictures; a new one below runs unless given" };
    private readonly Option<bool> json = new("--json") { Description = "End with a line of JSON" };

    /// <summary>Gives a command these options after its own.</summary>
    public Command AddTo(Command command)
    {
        foreach (var option in new Option[] { device, epochs, batch, limit, seed, threads, rate, checkpoints, folder, json }) command.Add(option);
        return command;
    }

    /// <summary>What was given.</summary>
    public RunSettings Read(ParseResult result) => new(result.CommandResult.Command.Name, result.GetValue(device)!, result.GetValue(threads), result.GetValue(limit) is > 0 and int most ? most : int.MaxValue,
        result.GetValue(epochs), result.GetValue(batch), result.GetValue(seed), result.GetValue(rate), result.GetValue(checkpoints), result.GetValue(folder), result.GetValue(json));

    /// <summary>An option for a number that is not under a least one.</summary>
    /// <param name="name">With its dashes.</param>
    /// <param name="description">In the help.</param>
    /// <param name="least">Less is refused.</param>
    /// <param name="otherwise">What it is unless given.</param>
    public static Option<int> Number(string name, string description, int least, int otherwise = 0)
    {
        var option = new Option<int>(name) { Description = description };
        if (otherwise > 0) option.DefaultValueFactory = _ => otherwise;
        option.Validators.Add(found =>
        {
            if (found.Tokens.Any(token => int.TryParse(token.Value, out int number) && number < least)) found.AddError($"{name} must be {least} or more.");
        });
        return option;
    }

    /// <summary>An option for a finite number over 0.</summary>
    /// <param name="name">With its dashes.</param>
    /// <param name="description">In the help.</param>
    /// <param name="otherwise">What it is unless given.</param>
    /// <param name="orZero">Whether 0 will do.</param>
    public static Option<double> Real(string name, string description, double otherwise, bool orZero = false)
    {
        var option = new Option<double>(name) { Description = description, DefaultValueFactory = _ => otherwise };
        option.Validators.Add(found =>
        {
            if (found.Tokens.Any(token => double.TryParse(token.Value, out double number) && !(double.IsFinite(number) && (number > 0 || orZero && number == 0))))
                found.AddError($"{name} must be {(orZero ? "0 or more" : "over 0")}, and finite.");
        });
        return option;
    }
}
