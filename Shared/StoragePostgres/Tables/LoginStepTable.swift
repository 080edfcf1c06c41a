import ControlModel
import Foundation

struct LoginStepTable {
    let tailnet: TailnetID

    func insert(_ step: LoginStep) throws -> Statement {
        Statement(
            """
            INSERT INTO login_steps (tailnet, secret_hash, browser_hash, login, stage, deadline)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                .text(tailnet.rawValue), .bytes(step.secretHash), .bytes(step.browserHash), .text(step.login.rawValue),
                try .json(step.stage), .date(step.deadline),
            ]
        )
    }

    /// Keeps the latest rounds of a login.
    func trim(_ login: LoginID, to limit: Int) -> Statement {
        Statement(
            """
            DELETE FROM login_steps WHERE tailnet = $1 AND login = $2 AND sequence NOT IN (
                SELECT sequence FROM login_steps WHERE tailnet = $1 AND login = $2 ORDER BY sequence DESC LIMIT $3
            )
            """,
            [.text(tailnet.rawValue), .text(login.rawValue), .integer(limit)]
        )
    }

    /// Deletes a round and returns it: of several at once, one gets it.
    func take(secretHash: Data, browserHash: Data, now: Date) -> Statement {
        Statement(
            """
            DELETE FROM login_steps WHERE tailnet = $1 AND secret_hash = $2 AND browser_hash = $3 AND deadline > $4
            RETURNING login, stage, deadline
            """,
            [.text(tailnet.rawValue), .bytes(secretHash), .bytes(browserHash), .date(now)]
        )
    }

    func deleteEnded(by now: Date) -> Statement {
        Statement(
            "DELETE FROM login_steps WHERE tailnet = $1 AND deadline <= $2",
            [.text(tailnet.rawValue), .date(now)]
        )
    }

    func decode(_ row: inout RowReader, secretHash: Data, browserHash: Data) throws -> LoginStep {
        guard let login = LoginID(try row.text()) else { throw row.unreadable(LoginID.self) }
        return LoginStep(
            secretHash: secretHash,
            login: login,
            browserHash: browserHash,
            stage: try row.json(),
            deadline: try row.date()
        )
    }
}
