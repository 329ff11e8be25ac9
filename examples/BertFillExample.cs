using System.CommandLine;
using System.Text;
using System.Text.Json;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;
using Spectre.Console;

namespace Engine.Examples;

/// <summary><c>examples -- bert-fill "a [MASK] film"</c>: the likeliest tokens for each [MASK].</summary>
internal static class BertFillExample
{
    public static Command Command()
    {
        var text = new Argument<string>("text") { Description = "A text in which a [MASK] stands for each token that is missing" };
        var model = new Option<string>("--model") { Description = "A folder with config.json, vocab.txt and model.safetensors: bert-pretrain's, or a published BERT's", Required = true };
        var top = RunOptions.Number("--top", "Tokens for each [MASK]", 1, 5);
        var device = new Option<string>("--device") { Description = "cpu, reference, cuda:0, opencl:0 or emulated", DefaultValueFactory = _ => "cpu" };
        var json = new Option<bool>("--json") { Description = "End with a line of JSON" };
        var command = new Command("bert-fill", "Fills the [MASK]s of a sentence") { text, model, top, device, json };
        command.SetAction((result, cancel) => Task.Run(() =>
        {
            using var where = GpuDevice.Open(result.GetValue(device)!);
            var filled = Fill(result.GetValue(text)!, result.GetValue(model)!, result.GetValue(top), where, cancel);
            foreach (var guesses in filled) Print(guesses);
            if (result.GetValue(json)) Console.WriteLine(InJson(filled));
            return 0;
        }, cancel));
        return command;
    }

    /// <summary>A token, and how likely it is.</summary>
    public readonly record struct Guess(string Token, double Probability);

    /// <summary>The likeliest tokens for each [MASK], the best first.</summary>
    public static Guess[][] Fill(string text, string folder, int top, Device device, CancellationToken cancel)
    {
        var tokenizer = WordPieceTokenizer.FromPretrained(folder);
        var encoded = tokenizer.Encode(text, options: new EncodeOptions { RecogniseSpecial = true });
        int[] places = [.. Enumerable.Range(0, encoded.Length).Where(i => encoded.Ids[i] == tokenizer.Mask)];
        if (places.Length == 0) throw new UserException($"There is no {tokenizer.Options.Mask} in \"{text}\". Write one for each token that is missing.");
        var model = BertForMaskedLM.FromPretrained(folder, device: device);
        if (encoded.Length > model.Config.MaxPositions) throw new UserException($"The text has {encoded.Length} tokens, and the model {model.Config.MaxPositions} positions. Shorten it.");
        using var noGrad = NoGrad.Begin();
        using var scope = device.Scope("the guesses");
        var shares = model.Forward(Tensor.From(encoded.Ids, [1, encoded.Length], device), Tensor.From(encoded.TypeIds, [1, encoded.Length], device), Pass.Inference.WithCancellation(cancel),
            places: Tensor.From(places, [places.Length], device)).Softmax();
        return [.. Enumerable.Range(0, places.Length).Select(i => Best(shares[i].ToArray(), tokenizer, top))];
    }

    // A model may have more rows than there are tokens, to a multiple of 64, say.
    private static Guess[] Best(float[] shares, WordPieceTokenizer tokenizer, int top)
        => [.. Enumerable.Range(0, tokenizer.Count).OrderByDescending(id => shares[id]).Take(top).Select(id => new Guess(tokenizer[id], shares[id]))];

    private static void Print(Guess[] guesses)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("token").AddColumn(new TableColumn("probability").RightAligned());
        foreach (var (token, probability) in guesses) table.AddRow(Markup.Escape(token), $"{probability:P1}");
        AnsiConsole.Write(table);
    }

    private static string InJson(Guess[][] filled)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartArray("masks");
            foreach (var guesses in filled)
            {
                json.WriteStartArray();
                foreach (var (token, probability) in guesses)
                {
                    json.WriteStartObject();
                    json.WriteString("token", token);
                    json.WriteNumber("probability", probability);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
